#include "collector/backup/backup_envelope.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "common/descriptor.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/openssl.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr size_t kShortestPassphrase = 8;
constexpr size_t kPassphraseLimit = 1024;
constexpr mode_t kMode = 0600;

using CmsPtr = std::unique_ptr<CMS_ContentInfo, OpensslDeleter<CMS_ContentInfo_free>>;

// A file as bytes. Read as a stream, OpenSSL takes some bytes behind what it parses.
class Mapping {
 public:
  Mapping(int file, size_t size)
      : size_(size),
        start_(size == 0 ? MAP_FAILED : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0)) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (start_ != MAP_FAILED) ::munmap(start_, size_);
  }

  // Null where the file is empty or cannot be mapped.
  const unsigned char* bytes() const {
    return start_ == MAP_FAILED ? nullptr : static_cast<const unsigned char*>(start_);
  }

 private:
  const size_t size_;
  void* const start_;
};

// What OpenSSL could not write, the system knows better.
absl::Status write_error(const std::string& path) {
  const int error = errno;
  const absl::Status status = openssl_error(fmt::format("writing {}", path));
  return error == ENOSPC || error == EDQUOT || error == EIO
             ? errno_status(error, fmt::format("writing {}", path))
             : status;
}

absl::Status seal(int in, int out, const std::string& path, const std::string& passphrase,
                  int iterations) {
  const CmsPtr cms(CMS_AuthEnvelopedData_create(EVP_aes_256_gcm()));
  if (cms == nullptr) return openssl_error("making a backup's envelope");
  // OpenSSL frees it.
  auto* const copy =
      reinterpret_cast<unsigned char*>(OPENSSL_memdup(passphrase.data(), passphrase.size()));
  if (copy == nullptr ||
      CMS_add0_recipient_password(cms.get(), iterations, NID_id_alg_PWRI_KEK, NID_id_pbkdf2, copy,
                                  static_cast<ossl_ssize_t>(passphrase.size()),
                                  EVP_aes_256_cbc()) == nullptr) {
    OPENSSL_free(copy);
    return openssl_error("using the passphrase");
  }
  const BioPtr source(BIO_new_fd(in, BIO_NOCLOSE));
  const BioPtr target(BIO_new_fd(out, BIO_NOCLOSE));
  errno = 0;
  if (source == nullptr || target == nullptr ||
      i2d_CMS_bio_stream(target.get(), cms.get(), source.get(), CMS_STREAM | CMS_BINARY) != 1 ||
      BIO_flush(target.get()) != 1) {
    return write_error(path);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status seal_backup(int descriptor, const std::string& path, const std::string& passphrase,
                         int iterations) {
  const std::string doing = fmt::format("writing {}", path);
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) {
    return absl::AlreadyExistsError(
        fmt::format("{} is there already: a backup replaces nothing, give it a name of its own, as "
                    "in backup-$(date +%F).muster",
                    path));
  }
  if (::fstat(descriptor, &status) != 0) return errno_status(errno, doing);
  if (static_cast<uint64_t>(status.st_size) > kBackupLimit) {
    return absl::ResourceExhaustedError(
        fmt::format("the store has {} bytes, and a backup at most {}: stop the collector, copy its "
                    "state directory, and encrypt the copy by other means",
                    status.st_size, kBackupLimit));
  }
  std::string temporary = path + ".XXXXXX";
  absl::Status written;
  {
    const Descriptor file(
        failpoint::fails("file.create", path) ? -1 : ::mkostemp(temporary.data(), O_CLOEXEC));
    if (file.get() < 0) return errno_status(errno, doing);
    written = seal(descriptor, file.get(), path, passphrase, iterations);
    if (written.ok() && (failpoint::fails("file.sync", path) || ::fsync(file.get()) != 0)) {
      written = errno_status(errno, doing);
    }
  }
  if (written.ok() &&
      (failpoint::fails("file.rename", path) || ::rename(temporary.c_str(), path.c_str()) != 0)) {
    written = errno_status(errno, doing);
  }
  if (!written.ok()) {
    if (!failpoint::fails("file.remove", path)) ::unlink(temporary.c_str());
    return written;
  }
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  return sync_directory(parent.empty() ? "." : parent.string());
}

absl::Status open_backup(const std::string& path, const std::string& target,
                         const std::string& passphrase) {
  const std::string doing = fmt::format("reading {}", path);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    return errno_status(errno, doing);
  }
  if (!S_ISREG(status.st_mode) || static_cast<uint64_t>(status.st_size) > 2 * kBackupLimit) {
    return absl::InvalidArgumentError(
        fmt::format("{} is not a backup: it is no regular file, or too large", path));
  }
  const Mapping mapping(file.get(), static_cast<size_t>(status.st_size));
  const unsigned char* end = mapping.bytes();
  const CmsPtr cms(end == nullptr ? nullptr : d2i_CMS_ContentInfo(nullptr, &end, status.st_size));
  if (cms == nullptr ||
      OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_id_smime_ct_authEnvelopedData) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        fmt::format("{} is not a backup of muster-collector, or it was cut short", path));
  }
  if (end != mapping.bytes() + status.st_size) {
    return absl::DataLossError(fmt::format("{} has more than a backup in it", path));
  }
  std::string secret = passphrase;
  const bool has_key =
      CMS_decrypt_set1_password(cms.get(), reinterpret_cast<unsigned char*>(secret.data()),
                                static_cast<ossl_ssize_t>(secret.size())) == 1;
  OPENSSL_cleanse(secret.data(), secret.size());
  if (!has_key) {
    ERR_clear_error();
    return absl::PermissionDeniedError(
        fmt::format("the passphrase is not that of {}, or its first bytes are damaged", path));
  }
  const Descriptor out(
      failpoint::fails("file.create", target)
          ? -1
          : ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode));
  if (out.get() < 0) return errno_status(errno, fmt::format("writing {}", target));
  const BioPtr plain(BIO_new_fd(out.get(), BIO_NOCLOSE));
  errno = 0;
  if (plain == nullptr ||
      CMS_decrypt(cms.get(), nullptr, nullptr, nullptr, plain.get(), CMS_BINARY) != 1) {
    const int error = errno;
    ERR_clear_error();
    if (error == ENOSPC || error == EDQUOT) {
      return errno_status(error, fmt::format("writing {}", target));
    }
    return absl::DataLossError(
        fmt::format("{} is damaged, or somebody has changed it: nothing of it can be trusted. Take "
                    "another copy of it, or an older backup",
                    path));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> read_passphrase(const std::string& path) {
  std::string text;
  if (path == "-") {
    char buffer[kPassphraseLimit + 2] = "";
    if (std::fgets(buffer, sizeof buffer, stdin) != nullptr) text = buffer;
    OPENSSL_cleanse(buffer, sizeof buffer);
  } else {
    absl::StatusOr<std::string> read = read_file(path, 64 * 1024);
    if (!read.ok()) return read.status();
    text = *std::move(read);
  }
  text = text.substr(0, text.find_first_of("\r\n"));
  if (text.size() < kShortestPassphrase || text.size() > kPassphraseLimit) {
    return absl::InvalidArgumentError(fmt::format(
        "the passphrase is the first line of {}, and has {} to {} bytes: whoever has it "
        "and the backup has the CA's key",
        path == "-" ? "stdin" : path, kShortestPassphrase, kPassphraseLimit));
  }
  return text;
}

}  // namespace muster::collector
