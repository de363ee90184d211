// A file of passwords below the root, taken only where nobody but root can have written it or reads
// it. Calls block; one thread.
#pragma once

#include <absl/status/status.h>

#include <string>

#include "agent/probes/certificates/password_table.h"

namespace muster {

// Adds its lines to the table. It must be a file of root's (or of whoever runs the probe by hand),
// not writable by its group, not readable by others, of at most 64 KiB. An error says what it is
// about it, and nothing that stands in it; the lines before a bad one count.
absl::Status read_password_file(const std::string& root, const std::string& path,
                                PasswordTable& passwords);

}  // namespace muster
