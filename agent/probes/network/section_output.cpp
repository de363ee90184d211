#include "agent/probes/network/section_output.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/probes/section_text.h"

namespace muster::network_probe {
namespace {

// Looks that end together are written together.
constexpr Duration kGather = std::chrono::milliseconds(20);
// A pipe that can be written takes as much as this without waiting (pipe(7), PIPE_BUF).
constexpr size_t kPiece = 4096;

}  // namespace

SectionOutput::SectionOutput(boost::asio::io_context& io, int descriptor, bool as_json)
    : descriptor_(descriptor), as_json_(as_json), timer_(io) {}

void SectionOutput::add(const v1::Section& section) {
  const absl::StatusOr<std::string> text = probe::section_text(section, as_json_);
  if (!text.ok()) {
    failed_ = true;
    return;
  }
  waiting_ += *text;
  write_soon();
}

bool SectionOutput::finish() {
  write(true);
  return !failed_;
}

void SectionOutput::write_soon() {
  if (timer_runs_) return;
  timer_runs_ = true;
  timer_.expires_after(kGather);
  timer_.async_wait([this](const boost::system::error_code& error) {
    timer_runs_ = false;
    if (error) return;
    write(false);
    if (!waiting_.empty()) write_soon();
  });
}

void SectionOutput::write(bool wait) {
  size_t written = 0;
  while (!failed_ && written < waiting_.size()) {
    pollfd ready{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    const int polled = ::poll(&ready, 1, wait ? -1 : 0);
    if (polled < 0 && errno != EINTR) failed_ = true;
    if (polled == 0) break;
    if (polled < 0) continue;
    const ssize_t count = ::write(descriptor_, waiting_.data() + written,
                                  std::min(kPiece, waiting_.size() - written));
    if (count > 0) written += static_cast<size_t>(count);
    if (count < 0 && errno != EINTR && errno != EAGAIN) failed_ = true;
  }
  waiting_.erase(0, failed_ ? waiting_.size() : written);
}

}  // namespace muster::network_probe
