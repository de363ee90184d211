#include "collector/store/revocations.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <unordered_map>

#include "common/descriptor.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/log.h"
#include "common/text.h"

namespace muster::collector {
namespace {

// More than any line.
constexpr size_t kTail = 1024;

// How far the file has whole lines; what follows, a kill or a full disk left. -1: errno says.
off_t end_of_lines(int descriptor, off_t size) {
  std::array<char, kTail> tail{};
  const off_t from = std::max<off_t>(0, size - static_cast<off_t>(tail.size()));
  const ssize_t read = ::pread(descriptor, tail.data(), tail.size(), from);
  if (read < 0) return -1;
  const std::string_view text(tail.data(), static_cast<size_t>(read));
  const size_t end = text.rfind('\n');
  return end == std::string_view::npos ? from : from + static_cast<off_t>(end) + 1;
}

int truncate_to(int descriptor, const std::string& path, off_t size) {
  if (failpoint::fails("revocations.truncate", path)) return -1;
  return ::ftruncate(descriptor, size);
}

// errno says why not.
bool write_synced(int descriptor, const std::string& path, std::string_view line) {
  while (!line.empty()) {
    const ssize_t written =
        failpoint::write("revocations.write", path, descriptor, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    line.remove_prefix(static_cast<size_t>(written));
  }
  return !failpoint::fails("revocations.sync", path) && ::fsync(descriptor) == 0;
}

// Without the hosts that are to be gone.
void drop(std::vector<StoredHost>& hosts, const std::set<std::string>& ids) {
  std::erase_if(hosts, [&ids](const StoredHost& host) { return ids.contains(host.host.id); });
}

Store::Done or_warn(const std::string& host_id) {
  return [host_id](const absl::Status& status) {
    if (status.ok()) return;
    log_warning("the store cannot take a revocation again; it holds, and is tried at each start",
                {{"host_id", host_id}, {"error", std::string(status.message())}});
  };
}

}  // namespace

absl::StatusOr<std::unique_ptr<Revocations>> Revocations::open(std::string path) {
  absl::StatusOr<std::string> text = read_file(path, kRevocationsLimit);
  if (absl::IsNotFound(text.status())) text = std::string();
  if (!text.ok()) return text.status();
  absl::StatusOr<ParsedRevocations> parsed = parse_revocations(*text, path);
  if (!parsed.ok()) return parsed.status();
  if (parsed->torn) {
    log_warning(
        "the last line of the revocations is not whole: a kill while it was written. Whoever it "
        "was for was not revoked; do it again if that is still wanted",
        {{"file", path}});
  }
  return std::unique_ptr<Revocations>(
      new Revocations(std::move(path), std::move(parsed->revocations)));
}

Revocations::Revocations(std::string path, std::vector<Revocation> read)
    : path_(std::move(path)), all_(std::move(read)) {
  for (const Revocation& one : all_)
    known_.emplace(one.kind, one.host_id);
}

absl::Status Revocations::add(const Revocation& revocation) {
  const std::lock_guard guard(mutex_);
  if (known_.contains({revocation.kind, revocation.host_id})) return absl::OkStatus();
  if (absl::Status status = append(revocation_line(revocation)); !status.ok()) return status;
  known_.emplace(revocation.kind, revocation.host_id);
  all_.push_back(revocation);
  return absl::OkStatus();
}

absl::Status Revocations::append(const std::string& line) const {
  const std::string doing = fmt::format("writing {}", path_);
  const Descriptor file(
      failpoint::fails("revocations.open", path_)
          ? -1
          : ::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0) return errno_status(errno, doing);
  struct stat now {};
  if (::fstat(file.get(), &now) != 0) return errno_status(errno, doing);
  const off_t end = end_of_lines(file.get(), now.st_size);
  if (end < 0) return errno_status(errno, doing);
  if (static_cast<size_t>(end) + line.size() > kRevocationsLimit) {
    return absl::ResourceExhaustedError(fmt::format(
        "{} has reached its {} MiB. Take out the lines of hosts that were removed before the "
        "oldest backup that might still be put back, while the collector is stopped",
        path_, kRevocationsLimit / 1024 / 1024));
  }
  if (now.st_size != end && truncate_to(file.get(), path_, end) != 0) {
    return errno_status(errno, doing);
  }
  // New, or never synced: its name must be there after a power cut too.
  if (now.st_size == 0) {
    if (absl::Status synced = sync_directory(std::filesystem::path(path_).parent_path());
        !synced.ok()) {
      return synced;
    }
  }
  if (!write_synced(file.get(), path_, line)) {
    const int error = errno;
    // Where this fails too, the next line does it.
    (void)truncate_to(file.get(), path_, end);
    return errno_status(error, doing);
  }
  return absl::OkStatus();
}

std::vector<Revocation> Revocations::all() const {
  const std::lock_guard guard(mutex_);
  return all_;
}

size_t apply_revocations(std::span<const Revocation> revocations, std::vector<StoredHost>& hosts,
                         Store& store) {
  std::unordered_map<std::string_view, StoredHost*> by_id;
  for (StoredHost& host : hosts)
    by_id.emplace(host.host.id, &host);
  std::set<std::string> removed;
  size_t revoked = 0;
  for (const Revocation& one : revocations) {
    const auto host = by_id.find(one.host_id);
    if (host == by_id.end() || removed.contains(one.host_id)) continue;
    if (one.kind == Revocation::Kind::kRemoved) {
      removed.insert(one.host_id);
      store.remove_host(one.host_id, or_warn(one.host_id));
      continue;
    }
    IdentityRecord& identity = host->second->host.identity;
    if (identity.standing == Standing::kRevoked) continue;
    identity.standing = Standing::kRevoked;
    identity.reason = one.reason;
    identity.since = one.at;
    store.put_identity(one.host_id, identity, or_warn(one.host_id));
    ++revoked;
  }
  drop(hosts, removed);
  return revoked + removed.size();
}

}  // namespace muster::collector
