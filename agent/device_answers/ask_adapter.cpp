// Network adapters: by devlink (linux/devlink.h), over generic netlink, and by what drivers tell to
// ETHTOOL_GDRVINFO (linux/ethtool.h). Both are told to everybody.
#include <linux/devlink.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "agent/device_answers/ask_device.h"
#include "common/descriptor.h"

namespace muster::answers {
namespace {

using Block = std::array<char, kMostOfReply>;

struct Request {
  nlmsghdr header{};
  genlmsghdr generic{};
  nlattr attribute{};
  std::array<char, 8> name{"devlink"};
};

// One datagram from the kernel; its size, or -1 with errno.
ssize_t receive(int socket, Block& block) {
  for (;;) {
    sockaddr_nl sender{};
    socklen_t size = sizeof sender;
    const ssize_t count = ::recvfrom(socket, block.data(), block.size(), MSG_TRUNC,
                                     reinterpret_cast<sockaddr*>(&sender), &size);
    if (count > static_cast<ssize_t>(block.size())) errno = EMSGSIZE;
    if (count < 0 || count > static_cast<ssize_t>(block.size())) return -1;
    if (sender.nl_pid == 0 && static_cast<size_t>(count) >= sizeof(nlmsghdr)) return count;
  }
}

// What the kernel refuses with, 0 if the message is no refusal.
int refusal(const Block& block, size_t size) {
  nlmsghdr header{};
  nlmsgerr error{};
  std::memcpy(&header, block.data(), sizeof header);
  if (header.nlmsg_type != NLMSG_ERROR || size < NLMSG_LENGTH(sizeof error)) return 0;
  std::memcpy(&error, block.data() + NLMSG_HDRLEN, sizeof error);
  return -error.error;
}

// The number of the family in the kernel's message about it; 0: it is not there.
uint16_t family_in(std::string_view message) {
  size_t at = NLMSG_HDRLEN + GENL_HDRLEN;
  nlattr attribute{};
  while (at + sizeof attribute <= message.size()) {
    std::memcpy(&attribute, message.data() + at, sizeof attribute);
    uint16_t number = 0;
    if (attribute.nla_type == CTRL_ATTR_FAMILY_ID &&
        at + NLA_HDRLEN + sizeof number <= message.size()) {
      std::memcpy(&number, message.data() + at + NLA_HDRLEN, sizeof number);
      return number;
    }
    if (attribute.nla_len < sizeof attribute) return 0;
    at += NLA_ALIGN(attribute.nla_len);
  }
  return 0;
}

// Whether the last message of a datagram ends a list.
bool ends_list(std::string_view datagram) {
  nlmsghdr header{};
  while (datagram.size() >= sizeof header) {
    std::memcpy(&header, datagram.data(), sizeof header);
    if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR) return true;
    const size_t length = NLMSG_ALIGN(header.nlmsg_len);
    if (length < sizeof header || length > datagram.size()) return false;
    datagram.remove_prefix(length);
  }
  return false;
}

}  // namespace

Ending ask_devlink() {
  const Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC));
  Request request;
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = GENL_ID_CTRL;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.generic = {CTRL_CMD_GETFAMILY, 1, 0};
  request.attribute = {NLA_HDRLEN + sizeof request.name, CTRL_ATTR_FAMILY_NAME};
  Block block;
  ssize_t count = -1;
  if (::send(socket.get(), &request, sizeof request, 0) < 0 ||
      (count = receive(socket.get(), block)) < 0) {
    return {Outcome::kFailed, errno};
  }
  const std::string_view answer(block.data(), static_cast<size_t>(count));
  const int refused = refusal(block, answer.size());
  // A kernel without devlink, or whose module nobody has loaded yet.
  if (refused != 0) return {refused == ENOENT ? Outcome::kAbsent : Outcome::kFailed, refused};
  if (!say(answer.data(), answer.size())) return {Outcome::kFailed, errno};
  request.header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
  request.header.nlmsg_type = family_in(answer);
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.generic = {DEVLINK_CMD_INFO_GET, DEVLINK_GENL_VERSION, 0};
  if (::send(socket.get(), &request, request.header.nlmsg_len, 0) < 0) {
    return {Outcome::kFailed, errno};
  }
  for (;;) {
    count = receive(socket.get(), block);
    if (count < 0 || !say(block.data(), static_cast<size_t>(count))) {
      return {Outcome::kFailed, errno};
    }
    if (ends_list({block.data(), static_cast<size_t>(count)})) return {};
  }
}

Ending ask_driver(const std::string& interface) {
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ethtool_drvinfo information{};
  information.cmd = ETHTOOL_GDRVINFO;
  ifreq request{};
  interface.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(&information);
  if (::ioctl(socket.get(), SIOCETHTOOL, &request) != 0 ||
      !say(reinterpret_cast<const char*>(&information), sizeof information)) {
    return {Outcome::kFailed, errno};
  }
  return {};
}

}  // namespace muster::answers
