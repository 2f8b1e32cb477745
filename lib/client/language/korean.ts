/**
 * The Korean catalogue, the default.
 */
import { type FileReason, fileReason } from "./file_error.ts";
import type { Messages } from "./messages.ts";
import { refusalReason } from "./refusal_reason.ts";

const FILE_REASONS: Readonly<Record<FileReason, string>> = {
  denied: "접근 권한이 없습니다",
  "read-only": "읽기 전용 파일 시스템입니다",
  full: "디스크 공간이 부족합니다",
  missing: "파일이나 디렉터리가 없습니다",
  directory: "같은 이름의 다른 파일이나 디렉터리가 있습니다",
  symlink: "그 자리에 심볼릭 링크가 있습니다",
  "too-large": "파일이 너무 큽니다",
  other: "파일 시스템 오류가 발생했습니다",
};

/** How the client is called, in one line. */
const USAGE_LINE = "사용법: client <host> <port> [명령] [옵션]";

/** The whole of `--help`. */
const USAGE = `사용법:
  client <host> <port> [옵션]                     메뉴
  client <host> <port> <명령> [옵션]              작업 하나만 실행 (스크립트용)

명령:
  register NAME    회원가입
  login NAME       로그인
  privilege        권한 상승 요청 (이미지를 보려면 필요)
  image NAME…      이미지 보기 (web_cash/에 저장). 따옴표 안에 패턴도 가능:
                   '여행/*.jpg', '**/*.png'
  list [FOLDER]    이미지 목록: 파이프에는 이름만, 터미널에는 크기와 날짜도
  browse [FOLDER]  이미지를 화면 가득 펼쳐 키로 둘러보기
  status           로그인한 사용자와 만료 시각
  passwd NAME      비밀번호 바꾸기
  logout           로그아웃
  completion bash|zsh|fish   자동 완성 스크립트 출력 (서버 불필요)

옵션:
  --data DIR         cookies.json과 web_cash/를 둘 디렉터리 (기본: 아래)
  --lang ko|en       언어 (기본: LC_ALL, LC_MESSAGES, LANG에 따라)
  --password-stdin   비밀번호를 표준 입력에서 한 줄씩 읽기 (passwd: 두 줄)
  --output PATH      이미지를 파일, 디렉터리, -(stdout)에 쓰기
  --json             그림 대신 결과를 JSON 한 줄로 출력
  --tls              TLS로 연결
  --ca FILE          이 PEM 파일의 인증 기관도 신뢰
  --width N          그림의 칸 수 (기본: 터미널 너비 또는 80)
  --height N         그림의 줄 수 (기본: 터미널 높이 또는 필요한 만큼)
  --symbols SET      half, quadrant, block (기본), sextant, mixed, ascii
  --colors DEPTH     truecolor, 256, 16, none 중 하나 (기본: 터미널에 맞게)
  --graphics HOW     auto, blocks, kitty, iterm2, sixel 중 하나 (기본: auto)
  --debug            주고받은 요청과 응답을 stderr에 표시 (비밀은 가림)
  --help, -h, help   이 도움말
  --version, -V      버전
  --licenses         이 프로그램에 포함된 소프트웨어의 라이선스

<host> <port>는 <host>:<port>나 URL로 쓸 수도 있습니다.
데이터 디렉터리: $SOCKETPROGRAM_DATA, 또는 cookies.json이 있으면 현재 디렉터리,
또는 $XDG_DATA_HOME/socketprogram (~/.local/share; macOS, Windows는 각 관례)

환경 변수:
  SERVER_IP   <host>가 도메인일 때 대신 연결할 주소
  NO_COLOR    색 없이 그리기

명령을 쓰면 그림이나 JSON은 stdout으로, 나머지는 stderr로 출력합니다.

종료 코드:
  0    성공
  1    실패 (이유는 stderr나 JSON에)
  2    잘못된 사용법
  129  터미널이 닫힘 (SIGHUP)
  130  Ctrl-C
  143  SIGTERM
`;

const REFUSED = { username: "아이디", password: "비밀번호" } as const;

/** Says in Korean why the server refuses a username or a password. */
function refusal(reason: string): string {
  const known = refusalReason(reason);
  if (known === null) return `서버가 알린 이유는 “${reason}”입니다`;
  const what = REFUSED[known.what];
  switch (known.why) {
    case "empty":
      return `${what}가 비어 있습니다`;
    case "characters":
      return `${what}에 쓸 수 없는 문자가 있습니다`;
    case "reserved":
      return `${what}로 쓸 수 없는 단어입니다`;
    case "too-long":
      return `${what}는 ${
        known.limit.replace(" characters", "자").replace(" bytes", "바이트")
      }까지 쓸 수 있습니다`;
  }
}

/** The keys of the browser. */
const BROWSER_HELP = `화살표, h j k l       이동
PgUp PgDn Home End    한 화면씩, 처음과 끝으로 이동
Space g G             PgDn, Home, End와 같음
Enter                 이미지 보기, 폴더 열기
Backspace, u          폴더에서 나가기
/                     이름 검색 (Esc를 누르면 모두 표시)
r                     정렬: 이름순, 최신순, 큰 순
t                     이름 목록과 그림 바꾸기
s                     현재 디렉터리에 저장
i                     이미지 정보: 크기, 날짜, 카메라, 위치
n, p, 화살표          이미지를 볼 때 다음, 이전
+, -, 0               이미지를 볼 때 확대, 축소, 전체 (화살표로 이동)
f                     이미지를 볼 때 마지막 줄까지 채우기
P                     권한을 다시 올리기
q                     뒤로, 나가기 (Esc도 뒤로)
Ctrl-Z, Ctrl-C        잠시 멈춤, 종료`;

/** Every sentence in Korean. */
export const KOREAN: Messages = {
  chooseService: "사용할 서비스를 선택하세요:",
  menuRegister: "1. 회원가입",
  menuLogin: "2. 로그인",
  menuPrivilege: "3. 권한 상승 요청",
  menuImage: "4. 이미지 보기",
  menuLogout: "5. 로그아웃",
  menuExit: "99. 종료",
  notOnMenu: "메뉴에 없는 번호입니다. 위에 있는 번호 중 하나를 입력하세요.",
  loginFirst: "먼저 로그인하세요 (2번).",
  goodbye: "클라이언트를 종료합니다.",
  askUsername: "아이디를 입력하세요: ",
  askPassword: "비밀번호를 입력하세요: ",
  askNewPassword: "새 비밀번호를 입력하세요: ",
  askPasswordAgain: "한 번 더 입력하세요: ",
  passwordsDiffer: "두 비밀번호가 다릅니다. 다시 시도하세요.",
  askUrl: "이미지 이름을 입력하세요: ",
  askRaise: "권한이 없거나 만료되었습니다. 지금 권한을 올릴까요? [y/N] ",
  emptyAnswer: "입력한 내용이 없어 메뉴로 돌아갑니다.",
  lineTooLong: "입력한 줄이 너무 깁니다. 더 짧게 입력하세요.",
  noPassword:
    "비밀번호가 없습니다. 직접 입력하거나 --password-stdin을 써서 표준 입력의 첫 줄로 보내세요.",

  registered: (user) => `회원가입 성공: ${user}. 이제 로그인할 수 있습니다.`,
  userExists: (user) => `이미 있는 사용자입니다: ${user}. 다른 아이디를 사용하세요.`,
  registerFailed: (reason) => `회원가입 실패: ${reason}. 다른 아이디나 비밀번호를 입력하세요.`,
  refusalReason: refusal,
  loggedIn: (user) => `로그인 성공: ${user}`,
  loginFailed: (user) => `로그인 실패: ${user}. 아이디와 비밀번호를 확인하세요.`,
  loggedOut: "로그아웃했습니다.",
  loggedOutHere:
    "여기서 로그아웃했습니다. 서버가 확인하지 않아 서버의 세션은 만료될 때까지 남습니다.",
  passwordChanged: (user) =>
    `비밀번호를 바꿨습니다: ${user}. 모든 로그인이 끝났으니 새 비밀번호로 로그인하세요.`,
  passwordFailed: (reason) =>
    `비밀번호를 바꾸지 못했습니다: ${reason}. 다른 비밀번호를 입력하세요.`,
  status: (user) => `${user} 님`,
  statusRaised: (user, until, minutes) => `${user} 님 · 권한 ${until}까지 (${minutes}분)`,
  nobodyLoggedIn: "로그인한 상태가 아닙니다.",
  privilegeChanged: "권한이 상승되었습니다.",
  privilegeAlready: "이미 권한이 상승되어 있습니다.",
  keyExpires: (when) => `만료 시각: ${when}`,
  keyExpiryUnknown: "서버가 만료 시각을 알려 주지 않았습니다.",
  loginRequired: "로그인하지 않았거나 로그인이 만료되었습니다. 로그인하세요 (2번 또는 login 명령).",
  forbidden: "다른 사용자로 로그인되어 있습니다. 다시 로그인하세요.",
  noKey: "권한이 없거나 만료되었습니다. 권한 상승을 요청하세요 (3번 또는 privilege 명령).",
  imageNotFound: (url) => `이미지를 찾을 수 없습니다: ${url}. 이름을 확인하세요.`,
  folderNotFound: (folder) => `폴더를 찾을 수 없습니다: ${folder}. 이름을 확인하세요.`,
  listMalformed: "서버의 목록을 읽을 수 없습니다. 맞는 서버인지 확인하세요.",
  noList: "이 서버는 이미지 목록을 알려 주지 않습니다. 이미지의 이름을 입력하세요.",
  notSupported: (command) => `이 서버에서는 ${command} 명령을 쓸 수 없습니다.`,
  imageWritten: (path, size) => `저장했습니다: ${path} (${size})`,
  imageFetched: (path, size) => `서버에서 받았습니다: ${path} (${size})`,
  imageFromCache: (path) => `web_cash에 있던 이미지입니다: ${path}`,
  imageUnknownType: (path, type) =>
    `터미널에 그릴 수 없는 형식입니다 (${type}). 파일 위치: ${path}`,
  imageTooLarge: (path) =>
    `이미지가 너무 커서 그릴 수 없습니다 (최대 1억 화소, 베이스라인 JPEG는 10억 화소, 256 MiB). 파일 위치: ${path}`,
  imageDamaged: (path) => `이미지 파일이 손상되어 그릴 수 없습니다: ${path}`,
  imageTooSlow: (path) => `이미지를 해독하는 데 너무 오래 걸립니다. 파일 위치: ${path}`,
  imageFirstOfSequence: "연속 이미지라서 첫 장면만 보여 줍니다.",
  imagePartial: "이미지가 손상되어 일부가 빠졌습니다.",
  animationHint: "아무 키나 누르면 멈춥니다.",

  browserCounts: (images, size) => `${images}장 · ${size}`,
  browserMatches: (shown, all) => `${all}개 중 ${shown}개`,
  browserSorted: (order) =>
    `${
      ({ name: "이름순 ↑", date: "최신순", size: "큰 순" } as Record<string, string>)[order] ??
        `정렬: ${order}`
    }`,
  browserSearch: "/ 검색",
  browserKeys: "←↓↑→ 이동   ⏎ 보기   s 저장   t 목록/그림   r 정렬   ? 도움말   q 나가기",
  browserViewKeys: "←→ 이전/다음   + 확대   f 꽉 채우기   s 저장   i 정보   ? 도움말   q 뒤로",
  browserZoomKeys: "←↓↑→ 이동   +/- 확대/축소   0 전체   n/p 다음/이전   ? 도움말   q 뒤로",
  browserHelpTitle: "도움말",
  browserHelp: BROWSER_HELP,
  browserBack: "아무 키나 누르면 돌아갑니다.",
  browserMore: "아무 키나 누르면 이어집니다.   Esc 돌아가기",
  browserLoading: "불러오는 중…",
  browserFacts: {
    size: "크기",
    changed: "수정",
    taken: "촬영",
    camera: "카메라",
    lens: "렌즈",
    exposure: "노출",
    place: "위치",
  },
  browserNoFacts: "파일에 촬영 정보가 없습니다.",
  browserNoKey: "권한이 만료되었습니다. P를 누르면 다시 올립니다.",
  browserUndrawn: "그릴 수 없는 이미지입니다.",
  browserEmpty: "이미지가 없습니다.",
  browserNoMatch: "맞는 이름이 없습니다. Esc를 누르면 모두 보입니다.",
  askNumber: "번호나 이름을 입력하세요: ",

  waitingRegister: "회원가입하는 중…",
  waitingLogin: "로그인하는 중…",
  waitingPassword: "비밀번호를 바꾸는 중…",
  downloading: "받는 중",

  unknownHost: (host) => `호스트를 찾을 수 없습니다: ${host}. 이름이나 SERVER_IP를 확인하세요.`,
  connectionRefused: (server) =>
    `서버가 연결을 거부했습니다: ${server}. 서버가 실행 중인지, 포트가 맞는지 확인하세요.`,
  unreachable: (server) => `서버에 연결할 수 없습니다: ${server}. 주소와 네트워크를 확인하세요.`,
  connectTimeout: (server, seconds) =>
    `${seconds}초 안에 연결되지 않았습니다: ${server}. 주소와 네트워크를 확인하세요.`,
  tlsFailed: (server) => `TLS 연결에 실패했습니다: ${server}. 서버가 TLS를 사용하는지 확인하세요.`,
  tlsCertificate: (server, reason) =>
    `서버의 인증서를 신뢰할 수 없습니다: ${server} (${reason}). --ca로 인증 기관을 지정하세요.`,
  tlsCertificateTime: (server) =>
    `서버의 인증서가 만료되었거나 아직 유효하지 않습니다: ${server}. 인증서를 갱신하고 이 컴퓨터의 시계를 확인하세요.`,
  tlsCertificateName: (server) =>
    `서버의 인증서가 다른 이름의 것입니다: ${server}. 인증서에 있는 이름으로 연결하세요.`,
  tlsCertificateKind: (server) =>
    `서버의 인증서가 인증 기관용입니다: ${server}. basicConstraints=CA:FALSE인 인증서가 필요합니다.`,
  connectionLost: "서버와의 연결이 끊어졌습니다. 다음 요청 때 다시 연결합니다.",
  noResponse: "서버가 응답하지 않고 연결을 닫았습니다. 포트가 맞는지, --tls가 필요한지 확인하세요.",
  responseTimeout: "서버가 더 이상 응답하지 않습니다. 잠시 뒤에 다시 시도하세요.",
  responseMalformed: (reason) =>
    `서버의 응답이 올바른 HTTP가 아닙니다 (${reason}). 주소와 포트, --tls를 확인하세요.`,
  responseTooLarge: (limit) =>
    `서버의 응답이 한도(${limit})를 넘어 버렸습니다. 맞는 서버인지 확인하세요.`,
  downloadIncomplete: "받은 이미지가 서버가 알린 내용과 달라 지웠습니다. 다시 시도하세요.",
  downloadStopped: (received) =>
    `이미지를 받다가 연결이 끊어졌습니다 (${received} 받음). 다시 시도하면 이어서 받습니다.`,
  redirected: (target) =>
    `서버가 다른 주소로 안내합니다 (${target}). 자동으로 옮겨 가지 않으니 그 서버를 직접 지정하세요.`,
  tooManyAttempts: (seconds) =>
    seconds === null
      ? "시도 횟수가 너무 많습니다. 잠시 뒤에 다시 시도하세요."
      : `시도 횟수가 너무 많습니다. ${seconds}초 뒤에 다시 시도하세요.`,
  tryAgain: "서버가 바쁩니다. 잠시 뒤에 다시 시도하세요.",
  serverSaid: (status) =>
    `서버의 응답: ${status}. 다시 시도하거나 --debug로 주고받은 내용을 확인하세요.`,

  cookiesDamaged: (path) =>
    `쿠키 파일이 손상되어 사용하지 않습니다: ${path}. 파일을 고치거나 지우세요.`,
  cookiesUnreadable: (path, reason) =>
    `쿠키 파일을 읽을 수 없습니다: ${path} (${reason}). 문제를 해결하거나 --data로 다른 디렉터리를 지정하세요.`,
  cookiesNotSaved: (path, reason) =>
    `쿠키를 저장할 수 없습니다: ${path} (${reason}). 문제를 해결하거나 --data로 다른 디렉터리를 지정하세요.`,
  cacheUnusable: (path, reason) =>
    `이미지를 저장할 수 없습니다: ${path} (${reason}). --data로 다른 디렉터리를 지정하세요.`,
  caInvalid: (path) => `PEM 형식의 인증서가 없는 파일입니다: ${path}. --ca를 확인하세요.`,
  caUnreadable: (path, reason) =>
    `인증서 파일을 읽을 수 없습니다: ${path} (${reason}). --ca를 확인하세요.`,
  fileError: (error) => FILE_REASONS[fileReason(error)],
  outputFailed: (reason) => `출력할 수 없습니다 (${reason}). 다른 곳으로 출력하세요.`,
  outputFileFailed: (path, reason) =>
    `파일을 쓸 수 없습니다: ${path} (${reason}). --output으로 다른 곳을 지정하세요.`,
  outputOne: "--output -에는 이미지를 하나만 쓸 수 있습니다. 여러 개면 디렉터리를 지정하세요.",
  unexpected: (reason) =>
    `예상하지 못한 오류입니다: ${reason}. --debug로 주고받은 내용을 확인하세요.`,

  hostAndPortMissing: "호스트와 포트가 필요합니다.",
  noServerAddress: (server) =>
    `서버 주소가 아닙니다: ${server}. 호스트는 이름이나 IP 주소, 포트는 1–65535여야 합니다.`,
  didYouMean: (name) => `혹시 ${name}입니까?`,
  unknownOption: (option) => `알 수 없는 옵션: ${option}.`,
  optionNeedsValue: (option) => `${option}에 값이 필요합니다.`,
  optionChoices: (option, choices) => `${option}에 쓸 수 있는 값: ${choices}.`,
  optionNumber: (option, least, most) => `${option}에는 ${least}–${most} 사이의 수를 쓰세요.`,
  unknownCommand: (command) => `알 수 없는 명령: ${command}.`,
  commandArguments: (command) => `명령의 인자가 올바르지 않습니다: ${command}.`,
  needsCommand: (option) => `${option}은 명령과 함께 쓰세요.`,
  passwordStdinUse: "--password-stdin은 register, login, passwd에만 쓸 수 있습니다.",
  outputUse: "--output은 image에만 쓸 수 있습니다.",
  outputOrJson: "--output -와 --json은 함께 쓸 수 없습니다.",
  caNeedsTls: "--ca는 --tls와 함께 쓰세요.",
  usageHint: `${USAGE_LINE}\n자세한 내용: --help`,
  usage: USAGE,
};
