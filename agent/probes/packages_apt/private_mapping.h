// Memory of libapt-pkg's that can be written to.
#pragma once

namespace muster::packages_apt {

// While it lives, what libapt-pkg maps of a file to read it is mapped so that it can be changed: a
// changed page is a copy in memory, and the file stays as it is. libapt-pkg has no such mode, and
// mapping the same file once more costs as much again. One at a time.
class PrivateMapping {
 public:
  PrivateMapping();
  ~PrivateMapping();
  PrivateMapping(const PrivateMapping&) = delete;
  PrivateMapping& operator=(const PrivateMapping&) = delete;
};

}  // namespace muster::packages_apt
