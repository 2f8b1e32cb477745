import { findPostgres, startCluster } from "./postgres_cluster.ts";
import { openPostgresStore } from "../../lib/accounts/postgres_store.ts";
import { testStoreContract } from "./store_contract.ts";

const programs = findPostgres();
const cluster = programs === null ? null : await startCluster(programs);
globalThis.addEventListener("unload", () => cluster?.remove());
if (cluster === null) console.log("PostgreSQL is not installed: its tests are skipped");

testStoreContract("PostgreSQL", async () => {
  const url = await cluster!.database();
  return { open: () => openPostgresStore(url), remove: () => Promise.resolve() };
}, cluster === null);
