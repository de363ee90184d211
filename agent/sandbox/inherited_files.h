// Files that a network probe is given open, because it sees none: trust store, resolver data. Of
// nothing but libc, since the privileged launcher links it.
#pragma once

#include <span>
#include <string_view>

namespace muster::agent {

// The first of them has this number, the next the one after it.
inline constexpr int kFirstInherited = 100;
inline constexpr size_t kMostInherited = 16;

// Opens them for reading in this process, for the program that it will become. What is not there,
// cannot be read, or is no regular file (a FIFO would hold whoever opens it) leaves its number
// closed.
void open_inherited(std::span<const std::string_view> paths);

}  // namespace muster::agent
