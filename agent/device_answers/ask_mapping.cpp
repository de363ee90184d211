// What the device mapper tells of a mapping's state (linux/dm-ioctl.h).
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "agent/device_answers/ask_device.h"
#include "common/descriptor.h"

namespace muster::answers {

Ending ask_mapping(const std::string& control, const std::string& name) {
  const Descriptor mapper(::open(control.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (mapper.get() < 0) return {Outcome::kFailed, errno};
  alignas(dm_ioctl) std::array<char, kMostOfReply> reply{};
  dm_ioctl header{};
  // The first version of the interface that has all of this; the kernel refuses one above its own.
  header.version[0] = 4;
  header.data_size = reply.size();
  header.data_start = sizeof header;
  header.flags = DM_NOFLUSH_FLAG;
  name.copy(header.name, sizeof header.name - 1);
  std::memcpy(reply.data(), &header, sizeof header);
  if (::ioctl(mapper.get(), DM_TABLE_STATUS, reply.data()) != 0) return {Outcome::kFailed, errno};
  std::memcpy(&header, reply.data(), sizeof header);
  if ((header.flags & DM_BUFFER_FULL_FLAG) != 0) return {Outcome::kTooLong, 0};
  const size_t size = header.data_size < reply.size() ? header.data_size : reply.size();
  return say(reply.data(), size) ? Ending{} : Ending{Outcome::kFailed, errno};
}

}  // namespace muster::answers
