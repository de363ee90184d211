// The management controller, by the kernel's driver for it (linux/ipmi.h).
#include <fcntl.h>
#include <linux/ipmi.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>

#include "agent/device_answers/ask_device.h"
#include "common/descriptor.h"

namespace muster::answers {
namespace {

// Some controllers take seconds.
constexpr int kMilliseconds = 8000;

}  // namespace

Ending ask_ipmi(const std::string& path, uint8_t network_function, uint8_t command) {
  const Descriptor device(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  if (device.get() < 0) return {Outcome::kFailed, errno};
  ipmi_system_interface_addr address{IPMI_SYSTEM_INTERFACE_ADDR_TYPE, IPMI_BMC_CHANNEL, 0};
  ipmi_req request{};
  request.addr = reinterpret_cast<unsigned char*>(&address);
  request.addr_len = sizeof address;
  request.msgid = 1;
  request.msg.netfn = network_function;
  request.msg.cmd = command;
  if (::ioctl(device.get(), IPMICTL_SEND_COMMAND, &request) != 0) return {Outcome::kFailed, errno};
  pollfd polled{device.get(), POLLIN, 0};
  const int ready = ::poll(&polled, 1, kMilliseconds);
  if (ready <= 0) return {ready == 0 ? Outcome::kTimedOut : Outcome::kFailed, errno};
  std::array<unsigned char, IPMI_MAX_MSG_LENGTH> response{};
  ipmi_addr sender{};
  ipmi_recv received{};
  received.addr = reinterpret_cast<unsigned char*>(&sender);
  received.addr_len = sizeof sender;
  received.msg.data = response.data();
  received.msg.data_len = response.size();
  if (::ioctl(device.get(), IPMICTL_RECEIVE_MSG_TRUNC, &received) != 0) {
    return {Outcome::kFailed, errno};
  }
  const bool is_said = say(reinterpret_cast<const char*>(response.data()), received.msg.data_len);
  return is_said ? Ending{} : Ending{Outcome::kFailed, errno};
}

}  // namespace muster::answers
