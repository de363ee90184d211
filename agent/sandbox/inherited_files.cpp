#include "agent/sandbox/inherited_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "common/descriptor.h"

namespace muster::agent {

void open_inherited(std::span<const std::string_view> paths) {
  for (size_t i = 0; i < paths.size() && i < kMostInherited; ++i) {
    const Descriptor file(
        ::open(std::string(paths[i]).c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    ::dup2(file.get(), kFirstInherited + static_cast<int>(i));
  }
}

}  // namespace muster::agent
