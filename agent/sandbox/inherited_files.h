// What a network probe is given open, because it sees no files: its batch of targets, the memory in
// which all runs keep their rates, and files such as the trust store and resolver data. Of nothing
// but libc, since the privileged launcher links it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace muster::agent {

// The batch: a serialized muster.v1.TargetBatch, from its beginning, which whoever ordered the run
// wrote and which nobody can change any more.
inline constexpr int kTargetsDescriptor = 99;
// Memory that all network probes of a launcher share, to be read and written
// (agent/probes/network/shared_pace.h): zeros at first, and of this size.
inline constexpr int kPaceDescriptor = 98;
inline constexpr size_t kPaceBytes = 1 << 19;
// The first of the files has this number, the next the one after it.
inline constexpr int kFirstInherited = 100;
inline constexpr size_t kMostInherited = 16;

// Opens them for reading in this process, for the program that it will become. What is not there,
// cannot be read, or is no regular file (a FIFO would hold whoever opens it) leaves its number
// closed.
void open_inherited(std::span<const std::string_view> paths);

}  // namespace muster::agent
