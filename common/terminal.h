// What the terminal behind stdout can do. Reads the process's environment (NO_COLOR, TERM, the
// locale) and the window: called by main alone, once.
#pragma once

#include "common/terminal_text.h"

namespace muster {

// Colour only on a terminal that has some and without NO_COLOR (no-color.org); ASCII where the
// locale names another encoding than UTF-8; at most 80 columns, fewer in a narrower window.
TerminalStyle style_of_stdout();

// The exit status to end with when all is printed: `status`, or 74 (sysexits.h's EX_IOERR) with a
// word on stderr where stdout could not take it all: a full disk must not leave half a file and a
// content cron.
int finish_output(int status);

}  // namespace muster
