#include "agent/launcher/launcher_protocol.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <type_traits>

#include "agent/launcher/memory_file.h"

namespace muster::agent {
namespace {

static_assert(std::is_trivially_copyable_v<Order> && sizeof(Order) == 24);
static_assert(std::is_trivially_copyable_v<RunReport> && sizeof(RunReport) == 48);
static_assert(std::is_trivially_copyable_v<Hello>);

// More than an order may carry, so that more is seen; what does not fit the kernel closes.
constexpr size_t kMostDescriptors = 4;

template <typename Message>
bool send_message(int socket, const Message& message) {
  ssize_t sent = 0;
  do {
    sent = ::send(socket, &message, sizeof message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(sizeof message);
}

// What one message brought.
struct Arrived {
  ssize_t size = 0;
  bool cut_off = false;
  size_t count = 0;
  std::array<Descriptor, kMostDescriptors> descriptors;
};

Arrived receive(int socket, void* bytes, size_t size) {
  Arrived arrived;
  iovec part{.iov_base = bytes, .iov_len = size};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  do {
    arrived.size = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  } while (arrived.size < 0 && errno == EINTR);
  if (arrived.size < 0) return arrived;
  arrived.cut_off = (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) {
      arrived.cut_off = true;
      continue;
    }
    const size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count && arrived.count < kMostDescriptors; ++i) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(item) + i * sizeof(int), sizeof(int));
      arrived.descriptors.at(arrived.count++).reset(descriptor);
    }
  }
  return arrived;
}

bool is_pipe_for_writing(int descriptor) {
  struct stat status {};
  const int flags = ::fcntl(descriptor, F_GETFL);
  return ::fstat(descriptor, &status) == 0 && S_ISFIFO(status.st_mode) && flags >= 0 &&
         (flags & O_ACCMODE) == O_WRONLY && (flags & O_PATH) == 0;
}

// Null if it may be followed.
const char* complaint_about(const Order& order, std::span<const ProbeRow> rows,
                            const Arrived& arrived) {
  switch (order.verb) {
    case Verb::kRun:
      if (order.row >= rows.size()) return "it orders a row that there is not";
      if (!is_given_memory(rows[order.row])) {
        if (arrived.count != 2) return "an order to run has not two descriptors";
      } else if (arrived.count != 3) {
        return "an order to run with what is given has not three descriptors";
      } else if (!is_sealed_memory(arrived.descriptors[2].get())) {
        return "what is given is no memory that is sealed";
      }
      if (!is_pipe_for_writing(arrived.descriptors[0].get()) ||
          !is_pipe_for_writing(arrived.descriptors[1].get())) {
        return "a descriptor is no pipe open for writing";
      }
      return nullptr;
    case Verb::kKill:
    case Verb::kReload:
      return arrived.count == 0 ? nullptr : "descriptors came where none belong";
  }
  return "it gives an order that there is not";
}

}  // namespace

const char* step_name(LaunchStep step) {
  switch (step) {
    case LaunchStep::kOpen:
      return "opening it";
    case LaunchStep::kSwitchedOff:
      return "the launcher's configuration switches it off";
    case LaunchStep::kRequest:
      return "making its request";
    case LaunchStep::kFork:
      return "forking";
    case LaunchStep::kDescriptors:
      return "passing its descriptors";
    case LaunchStep::kGroup:
      return "making its process group";
    case LaunchStep::kSandbox:
      return "holding it";
    case LaunchStep::kDeathSignal:
      return "tying it to the launcher's life";
    case LaunchStep::kDirectory:
      return "entering /";
    case LaunchStep::kProgram:
      break;
  }
  return "starting it";
}

uint64_t table_digest(std::span<const ProbeRow> rows) {
  // FNV-1a: it tells versions apart, and nobody is to be kept from making two alike.
  uint64_t digest = 14695981039346656037U;
  const auto add = [&digest](unsigned char byte) { digest = (digest ^ byte) * 1099511628211U; };
  for (const ProbeRow& row : rows) {
    for (const char byte : row.name)
      add(static_cast<unsigned char>(byte));
    add(0);
  }
  return digest;
}

Received read_order(int socket, std::span<const ProbeRow> rows, ReceivedOrder& order,
                    const char*& complaint) {
  Order bytes;
  Arrived arrived = receive(socket, &bytes, sizeof bytes);
  if (arrived.size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Received::kNothingYet;
  if (arrived.size <= 0) return Received::kEnd;
  complaint = nullptr;
  if (arrived.size != static_cast<ssize_t>(sizeof bytes) || arrived.cut_off) {
    complaint = "a message has not the size of an order";
  } else {
    complaint = complaint_about(bytes, rows, arrived);
  }
  if (complaint != nullptr) return Received::kBroken;
  order.order = bytes;
  order.output = std::move(arrived.descriptors[0]);
  order.error_output = std::move(arrived.descriptors[1]);
  order.targets = std::move(arrived.descriptors[2]);
  return Received::kMessage;
}

bool send_order(int socket, const Order& order, const OrderDescriptors& with) {
  if (with.output < 0) return send_message(socket, order);
  iovec part{.iov_base = const_cast<Order*>(&order), .iov_len = sizeof order};
  const std::array<int, 3> descriptors{with.output, with.error_output, with.targets};
  const size_t count = with.targets < 0 ? 2 : 3;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = CMSG_SPACE(count * sizeof(int));
  cmsghdr* item = CMSG_FIRSTHDR(&header);
  item->cmsg_level = SOL_SOCKET;
  item->cmsg_type = SCM_RIGHTS;
  item->cmsg_len = CMSG_LEN(count * sizeof(int));
  std::memcpy(CMSG_DATA(item), descriptors.data(), count * sizeof(int));
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &header, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(sizeof order);
}

bool send_hello(int socket, const Hello& hello) {
  return send_message(socket, hello);
}

bool send_report(int socket, const RunReport& report) {
  return send_message(socket, report);
}

Received read_event(int socket, ReceivedEvent& event) {
  static_assert(sizeof(Hello) >= sizeof(RunReport));
  std::array<char, sizeof(Hello)> bytes{};
  // The launcher sends no descriptors; any would be closed here.
  const Arrived arrived = receive(socket, bytes.data(), bytes.size());
  if (arrived.size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Received::kNothingYet;
  if (arrived.size <= 0) return Received::kEnd;
  const auto size = static_cast<size_t>(arrived.size);
  if (arrived.cut_off || size < sizeof(Event)) return Received::kBroken;
  std::memcpy(&event.event, bytes.data(), sizeof(Event));
  if (event.event == Event::kHello && size == sizeof(Hello)) {
    std::memcpy(static_cast<void*>(&event.hello), bytes.data(), sizeof(Hello));
    for (auto& text : event.hello.missing)
      text.back() = '\0';
    return Received::kMessage;
  }
  if ((event.event == Event::kEnded || event.event == Event::kNotStarted) &&
      size == sizeof(RunReport)) {
    std::memcpy(static_cast<void*>(&event.report), bytes.data(), sizeof(RunReport));
    return Received::kMessage;
  }
  return Received::kBroken;
}

}  // namespace muster::agent
