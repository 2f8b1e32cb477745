/** The whole of `--help` in Korean. */
export const USAGE_KO = `사용법 (Usage):
  client <host> <port> [옵션]                     메뉴
  client <host> <port> <명령> [옵션]              한 가지 일만 하기 (스크립트용)

명령:
  register NAME    회원가입
  login NAME       로그인
  privilege        권한 상승 요청: 이미지를 보는 데 필요
  image URL        이미지 보기 (web_cash/에 보관)
  logout           이 서버의 쿠키 지우기

옵션:
  --data DIR         cookies.json과 web_cash/를 둘 디렉터리 (기본: .)
  --lang ko|en       언어 (기본: LC_ALL, LC_MESSAGES, LANG; 없으면 한국어)
  --password-stdin   비밀번호를 표준 입력의 첫 줄에서 읽기
  --json             그림 대신 결과를 JSON 한 줄로 출력
  --tls              TLS로 연결
  --ca FILE          이 PEM 파일의 인증 기관도 믿기
  --width N          그림의 칸 수 (기본: 터미널의 너비, 아니면 80)
  --height N         그림의 최대 줄 수 (기본: 터미널의 높이, 아니면 필요한 만큼)
  --symbols SET      half, quadrant, block, sextant, ascii 중 하나 (기본: block)
  --colors DEPTH     truecolor, 256, 16, none 중 하나 (기본: 터미널에 맞게)
  --graphics HOW     auto, blocks, kitty, iterm2, sixel 중 하나 (기본: auto)
  --debug            주고받은 요청과 응답을 stderr에 보이기 (비밀은 가림)
  --help, --version

환경 변수:
  SERVER_IP   <host>가 도메인일 때 대신 연결할 주소
  NO_COLOR    색 없이 그리기

그림이나 JSON은 stdout으로, 명령을 쓸 때 나머지는 모두 stderr로 나갑니다.

종료 코드:
  0    성공, 또는 메뉴에서 입력이 끝남
  1    실패 (이유는 stderr나 JSON에)
  2    잘못된 사용법
  129  터미널이 닫힘 (SIGHUP)
  130  Ctrl-C
  143  SIGTERM
`;
