#include "agent/targets/probe_memory.h"

#include "agent/output/status_text.h"
#include "agent/sealed_bytes.h"
#include "common/files.h"
#include "common/log.h"

namespace muster::agent {
namespace {

constexpr std::string_view kMagic = "muster probe memory 1\n";
// What seal() puts before it.
constexpr size_t kSealLimit = 128;

}  // namespace

std::string ProbeMemory::path() const {
  return directory_ + "/memory-" + probe_;
}

void ProbeMemory::open(const std::string& state_directory) {
  if (directory_ == state_directory) return;
  directory_ = state_directory;
  bytes_.clear();
  const absl::StatusOr<std::string> sealed = read_file(path(), kProbeMemoryLimit + kSealLimit);
  if (absl::IsNotFound(sealed.status())) return;
  const absl::StatusOr<std::string_view> content =
      sealed.ok() ? unseal(kMagic, *sealed) : sealed.status();
  if (content.ok()) {
    bytes_ = std::string(*content);
    return;
  }
  log_warning("what a probe left for its next runs is not used, it begins without",
              {{"probe", probe_}, {"why", text_of(content.status())}});
}

void ProbeMemory::keep(const v1::Section& section) {
  if (section.facts().empty() || section.facts().size() > kProbeMemoryLimit) {
    log_warning(
        "what a probe leaves for its next runs is not kept",
        {{"probe", probe_}, {"bytes", section.facts().size()}, {"at_most", kProbeMemoryLimit}});
    return;
  }
  if (section.facts() == bytes_) return;
  bytes_ = section.facts();
  const absl::Status written = write_file_atomically(path(), seal(kMagic, bytes_), 0600);
  if (!written.ok()) {
    log_warning("what a probe leaves for its next runs is lost at the next start",
                {{"probe", probe_}, {"error", text_of(written)}});
  }
}

}  // namespace muster::agent
