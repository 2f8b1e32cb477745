/** The whole of `--help` in English. */
export const USAGE_EN = `Usage:
  client <host> <port> [options]                  the menu
  client <host> <port> <command> [options]        one operation, for scripts

Commands:
  register NAME    create a user
  login NAME       log in
  privilege        raise the privilege: needed to see images
  image URL        show an image; it is kept in web_cash/
  logout           forget this server's cookies

Options:
  --data DIR         where cookies.json and web_cash/ are (default: .)
  --lang ko|en       language (default: LC_ALL, LC_MESSAGES, LANG; else Korean)
  --password-stdin   read the password from the first line of stdin
  --json             print the result as one line of JSON, not the picture
  --tls              speak TLS
  --ca FILE          trust the authorities in this PEM file too
  --width N          columns of the picture (default: the terminal's, else 80)
  --height N         rows at most (default: the terminal's, else as needed)
  --symbols SET      half, quadrant, block, sextant or ascii (default: block)
  --colors DEPTH     truecolor, 256, 16 or none (default: by the terminal)
  --graphics HOW     auto, blocks, kitty, iterm2 or sixel (default: auto)
  --debug            show each request and response on stderr, secrets masked
  --help, --version

Environment:
  SERVER_IP   the address to connect to where <host> is a domain
  NO_COLOR    draw without colours

The picture, or the JSON, goes to stdout; in scripts all else goes to stderr.

Exit codes:
  0    done, or the end of input at the menu
  1    failed; a sentence on stderr, or the JSON, says why
  2    wrong usage
  129  the terminal went away (SIGHUP)
  130  Ctrl-C
  143  SIGTERM
`;
