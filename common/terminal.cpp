#include "common/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace muster {

TerminalStyle style_of_stdout() {
  TerminalStyle style;
  const char* terminal = std::getenv("TERM");
  const char* no_color = std::getenv("NO_COLOR");
  style.color = ::isatty(STDOUT_FILENO) == 1 && terminal != nullptr &&
                std::string_view(terminal) != "dumb" && (no_color == nullptr || *no_color == '\0');
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* locale = std::getenv(name);
    if (locale == nullptr || *locale == '\0') continue;
    const std::string_view text = locale;
    // Where none is set at all, UTF-8 is the better guess today.
    style.unicode = text.find("UTF-8") != text.npos || text.find("utf8") != text.npos;
    break;
  }
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0) {
    style.width = std::min<size_t>(style.width, window.ws_col);
  }
  return style;
}

int finish_output(int status) {
  constexpr int kOutputError = 74;
  const bool was_written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (was_written) return status;
  std::fprintf(stderr, "error: writing the output: %s\n", std::strerror(errno));
  return kOutputError;
}

}  // namespace muster
