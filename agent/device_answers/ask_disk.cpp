// Drives: at NVMe by the kernel's way to the admin queue, others by SCSI.
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "agent/device_answers/ask_device.h"
#include "common/descriptor.h"

namespace muster::answers {
namespace {

constexpr unsigned kMilliseconds = 5000;
constexpr uint32_t kAllNamespaces = 0xffffffff;
constexpr uint8_t kNvmeGetLogPage = 0x02;
constexpr uint8_t kReadLogExt = 0x2f;
constexpr size_t kMostOfSense = 64;
// Of struct sg_io_hdr: what says only that there is sense data.
constexpr unsigned kDriverSense = 0x08;

struct ScsiReply {
  std::array<unsigned char, kMostOfReply> data{};
  std::array<unsigned char, kMostOfSense> sense{};
  size_t data_size = 0;
  size_t sense_size = 0;
};

Descriptor open_device(const std::string& path) {
  return Descriptor(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
}

Ending send_scsi(int device, std::span<const uint8_t> command, size_t bytes, ScsiReply& reply) {
  std::array<uint8_t, 16> sent{};
  std::copy(command.begin(), command.end(), sent.begin());
  sg_io_hdr header{};
  header.interface_id = 'S';
  header.dxfer_direction = bytes == 0 ? SG_DXFER_NONE : SG_DXFER_FROM_DEV;
  header.cmd_len = static_cast<unsigned char>(command.size());
  header.cmdp = sent.data();
  header.dxferp = reply.data.data();
  header.dxfer_len = static_cast<unsigned>(bytes);
  header.sbp = reply.sense.data();
  header.mx_sb_len = kMostOfSense;
  header.timeout = kMilliseconds;
  if (::ioctl(device, SG_IO, &header) != 0) return {Outcome::kFailed, errno};
  if (header.host_status != 0 || (header.driver_status & ~kDriverSense) != 0) {
    return {Outcome::kFailed, EIO};
  }
  const auto left = static_cast<size_t>(std::max(header.resid, 0));
  reply.data_size = bytes - std::min(left, bytes);
  reply.sense_size = std::min<size_t>(header.sb_len_wr, kMostOfSense);
  return {Outcome::kAnswered, header.status};
}

Ending say_reply(const Ending& ending, const ScsiReply& reply) {
  const bool is_said = say(reinterpret_cast<const char*>(reply.data.data()), reply.data_size) &&
                       ::write(STDERR_FILENO, reply.sense.data(), reply.sense_size) ==
                           static_cast<ssize_t>(reply.sense_size);
  return is_said ? ending : Ending{Outcome::kFailed, errno};
}

// What happened to the disk before, which it says once, instead of an answer (SAM-5 5.14): sense
// key 6, in sense data of descriptors (SPC-4 4.5.2) or fixed (4.5.3).
bool is_attention(const ScsiReply& reply) {
  const bool has_descriptors = (reply.sense[0] & 0x7f) == 0x72;
  return ((has_descriptors ? reply.sense[1] : reply.sense[2]) & 0x0f) == 0x06;
}

// By what CHECK POWER MODE (ACS-3 7.3) left in the count, which is in sense data of descriptors
// (SAT-4, 12.2.2.7) or fixed (12.2.2.8): 00h is standby.
bool has_stopped(int device) {
  constexpr std::array<uint8_t, 16> kCheckPowerMode{0x85, 0x06, 0x20, 0, 0, 0, 0,   0,
                                                    0,    0,    0,    0, 0, 0, 0xe5};
  ScsiReply reply;
  if (send_scsi(device, kCheckPowerMode, 0, reply).outcome != Outcome::kAnswered) return false;
  const bool has_descriptors = (reply.sense[0] & 0x7f) == 0x72 && reply.sense[8] == 0x09;
  const bool is_fixed = (reply.sense[0] & 0x7f) == 0x70;
  if (!has_descriptors && !is_fixed) return false;
  return (has_descriptors ? reply.sense[13] : reply.sense[6]) == 0x00;
}

// By bit 5 of word 87 of IDENTIFY DEVICE (ACS-3 7.12.7). A disk without logs aborts, and QEMU's
// AHCI (7.2) then fails whatever is read or written next.
bool has_logs(int device) {
  constexpr std::array<uint8_t, 16> kIdentify{0x85, 0x08, 0x0e, 0, 0, 0, 0x01, 0,
                                              0,    0,    0,    0, 0, 0, 0xec};
  constexpr size_t kFeatures = size_t{87} * 2;
  ScsiReply reply;
  return send_scsi(device, kIdentify, 512, reply).outcome == Outcome::kAnswered &&
         (reply.data[kFeatures + 1] & 0xc0) == 0x40 && (reply.data[kFeatures] & 0x20) != 0;
}

}  // namespace

Ending ask_nvme(const std::string& path, const NvmeCommand& command) {
  const Descriptor device = open_device(path);
  std::array<char, kMostOfReply> reply{};
  nvme_admin_cmd sent{};
  sent.opcode = command.opcode;
  sent.nsid = command.opcode == kNvmeGetLogPage ? kAllNamespaces : 0;
  sent.addr = reinterpret_cast<uintptr_t>(reply.data());
  sent.data_len = static_cast<uint32_t>(std::min(command.bytes, reply.size()));
  sent.cdw10 = command.dword10;
  sent.timeout_ms = kMilliseconds;
  if (device.get() < 0) return {Outcome::kFailed, errno};
  const int status = ::ioctl(device.get(), NVME_IOCTL_ADMIN_CMD, &sent);
  if (status < 0) return {Outcome::kFailed, errno};
  if (status == 0 && !say(reply.data(), sent.data_len)) return {Outcome::kFailed, errno};
  return {Outcome::kAnswered, status};
}

Ending ask_scsi(const std::string& path, std::span<const uint8_t> command, size_t bytes) {
  const Descriptor device = open_device(path);
  if (device.get() < 0) return {Outcome::kFailed, errno};
  ScsiReply reply;
  Ending ending = send_scsi(device.get(), command, bytes, reply);
  if (is_attention(reply)) ending = send_scsi(device.get(), command, bytes, reply);
  return ending.outcome == Outcome::kAnswered ? say_reply(ending, reply) : ending;
}

Ending ask_ata(const std::string& path, std::span<const uint8_t> command, size_t bytes) {
  const Descriptor device = open_device(path);
  if (device.get() < 0) return {Outcome::kFailed, errno};
  if (has_stopped(device.get())) return {Outcome::kAbsent, EAGAIN};
  const bool is_log = command.size() == 16 && command[14] == kReadLogExt;
  if (is_log && !has_logs(device.get())) return {Outcome::kAbsent, EOPNOTSUPP};
  ScsiReply reply;
  const Ending ending = send_scsi(device.get(), command, bytes, reply);
  return ending.outcome == Outcome::kAnswered ? say_reply(ending, reply) : ending;
}

}  // namespace muster::answers
