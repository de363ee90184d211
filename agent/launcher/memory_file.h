// A file in memory for processes that are to read it, or to share it. Of nothing but libc, since
// the privileged launcher links it. Any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "common/descriptor.h"

namespace muster::agent {

// With this content, to be read from its beginning, sealed: whoever has it can neither change nor
// shorten it, so that who reads it waits for nobody. Closed with errno if there is none to be had.
Descriptor memory_file(const char* name, std::string_view content);

// Zeros, for processes that share them: whoever has it may write and cannot shorten it, so that
// nobody else's part of it goes away. Closed with errno if there is none to be had.
Descriptor shared_memory(const char* name, size_t size);

// Whether it is one that can be read.
bool is_sealed_memory(int descriptor);

}  // namespace muster::agent
