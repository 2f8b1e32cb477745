import { openJsonStore } from "../../../../lib/accounts/store/json/json_store.ts";
import { testStoreContract } from "../../support/store_contract.ts";

testStoreContract("users.json", async () => {
  const directory = await Deno.makeTempDir();
  return {
    open: () => openJsonStore(directory),
    remove: () => Deno.remove(directory, { recursive: true }),
  };
});
