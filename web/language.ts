/** What the page says, in English and Korean. */

const english = {
  title: "SocketProgram",
  username: "Username",
  password: "Password",
  logIn: "Log in",
  register: "Register",
  welcome: "Log in to look at the pictures on this server, or register if you are new.",
  registered: (name: string) => `${name} is registered. You can log in now.`,
  exists: "This username is taken.",
  notRegistered: (reason: string) => `Not registered: ${reason}.`,
  loginFailed: "Wrong username or password.",
  tooManyAttempts: (seconds: number) => `Too many attempts. Try again in ${seconds} s.`,
  busy: "The server is busy. Try again in a moment.",
  unreachable: "The server does not respond. Check your connection, then try again.",
  retry: "Try again",
  unexpected: (status: number) => `The server responded with status ${status}.`,
  raise: "Raise privilege",
  raiseFor: "Looking at pictures needs a raised privilege. It gives you a key that is valid for " +
    "a limited time; afterwards you raise it again.",
  keyEnded: "Your privilege has ended. Raise it again to go on looking.",
  raised: (until: string) => `Privilege raised until ${until}.`,
  privilegeUntil: (until: string, left: string) => `privilege until ${until} (${left})`,
  minutes: (count: number) => count <= 90 ? `${count} min` : `${Math.round(count / 60)} h`,
  account: "Account",
  logOut: "Log out",
  loggedOut: "You are logged out.",
  sessionEnded: "Your session has ended. Log in again.",
  changePassword: "Change password",
  currentPassword: "Current password",
  newPassword: "New password",
  passwordChanged: "Your password is changed. Log in with the new one.",
  passwordRefused: (reason: string) => `Not changed: ${reason}.`,
  wrongPassword: "The current password is wrong.",
  save: "Save",
  cancel: "Cancel",
  folders: "Folders",
  allPictures: "All pictures",
  pictures: "Pictures",
  count: (count: number) => count === 1 ? "1 picture" : `${count} pictures`,
  filter: "Filter",
  sort: "Sort",
  byName: "Name",
  byDate: "Newest first",
  bySize: "Largest first",
  emptyFolder: "There are no pictures in this folder.",
  noMatch: "No name matches the filter.",
  loading: "Loading …",
  noFolder: "This folder does not exist.",
  noPicture: "This picture does not exist.",
  noList: "This server cannot list its pictures.",
  cannotShow: "This picture cannot be shown.",
  close: "Close",
  zoom: "Zoom",
  previous: "Previous",
  next: "Next",
  fullScreen: "Full screen",
  original: "Original size",
  download: "Download original",
  viewer: "Picture viewer",
};

/** The sentences of one language. */
export type Messages = typeof english;

const korean: Messages = {
  title: "SocketProgram",
  username: "아이디",
  password: "비밀번호",
  logIn: "로그인",
  register: "회원가입",
  welcome: "이 서버의 사진을 보려면 로그인하세요. 처음이라면 회원가입을 먼저 하세요.",
  registered: (name) => `${name} 님이 가입되었습니다. 이제 로그인하세요.`,
  exists: "이미 사용 중인 아이디입니다.",
  notRegistered: (reason) => `가입하지 못했습니다: ${reason}`,
  loginFailed: "아이디나 비밀번호가 틀렸습니다.",
  tooManyAttempts: (seconds) => `시도가 너무 많습니다. ${seconds}초 뒤에 다시 시도하세요.`,
  busy: "서버가 바쁩니다. 잠시 뒤에 다시 시도하세요.",
  unreachable: "서버가 응답하지 않습니다. 연결을 확인하고 다시 시도하세요.",
  retry: "다시 시도",
  unexpected: (status) => `서버가 상태 코드 ${status}(으)로 응답했습니다.`,
  raise: "권한 상승",
  raiseFor: "사진을 보려면 권한을 올려야 합니다. 정해진 시간 동안 유효한 키를 받으며, " +
    "시간이 지나면 다시 올리면 됩니다.",
  keyEnded: "권한이 만료되었습니다. 계속 보려면 다시 올리세요.",
  raised: (until) => `${until}까지 권한이 올라갔습니다.`,
  privilegeUntil: (until, left) => `권한 ${until}까지 (${left})`,
  minutes: (count) => count <= 90 ? `${count}분` : `${Math.round(count / 60)}시간`,
  account: "계정",
  logOut: "로그아웃",
  loggedOut: "로그아웃했습니다.",
  sessionEnded: "로그인이 만료되었습니다. 다시 로그인하세요.",
  changePassword: "비밀번호 변경",
  currentPassword: "현재 비밀번호",
  newPassword: "새 비밀번호",
  passwordChanged: "비밀번호를 변경했습니다. 새 비밀번호로 로그인하세요.",
  passwordRefused: (reason) => `변경하지 못했습니다: ${reason}`,
  wrongPassword: "현재 비밀번호가 틀렸습니다.",
  save: "저장",
  cancel: "취소",
  folders: "폴더",
  allPictures: "모든 사진",
  pictures: "사진",
  count: (count) => `${count}장`,
  filter: "검색",
  sort: "정렬",
  byName: "이름순",
  byDate: "최신순",
  bySize: "크기순",
  emptyFolder: "이 폴더에는 사진이 없습니다.",
  noMatch: "검색어와 맞는 이름이 없습니다.",
  loading: "불러오는 중…",
  noFolder: "없는 폴더입니다.",
  noPicture: "없는 사진입니다.",
  noList: "이 서버는 사진 목록을 보여 주지 못합니다.",
  cannotShow: "이 사진은 표시할 수 없습니다.",
  close: "닫기",
  zoom: "확대",
  previous: "이전",
  next: "다음",
  fullScreen: "전체 화면",
  original: "원본 크기",
  download: "원본 내려받기",
  viewer: "사진 보기",
};

/** The reasons for which the server refuses a name or a password, in Korean. */
const KOREAN_REASONS: readonly (readonly [RegExp, string])[] = [
  [/username.*empty/, "아이디가 비어 있습니다."],
  [/username.*longer/, "아이디가 너무 깁니다."],
  [/username.*reserved/, "쓸 수 없는 아이디입니다."],
  [/username/, "아이디에 쓸 수 없는 문자가 있습니다."],
  [/password.*empty/, "비밀번호가 비어 있습니다."],
  [/password.*longer/, "비밀번호가 너무 깁니다."],
  [/password/, "쓸 수 없는 비밀번호입니다."],
];

const isKorean = (navigator.languages.find((tag) => /^(ko|en)\b/i.test(tag)) ?? "en")
  .toLowerCase().startsWith("ko");

/** The sentences of the browser's language. */
export const messages: Messages = isKorean ? korean : english;

/** The language tag of `messages`, for `<html lang>`. */
export const language = isKorean ? "ko" : "en";

/** The server's reason for a refusal, in the page's language, without a full stop in English. */
export function reasonText(reason: string): string {
  if (!isKorean) return reason.replace(/\.$/, "");
  return KOREAN_REASONS.find(([pattern]) => pattern.test(reason))?.[1] ?? reason;
}
