#include "agent/probes/certificates/kubeconfig.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/probes/certificates/certificate_parser.h"
#include "agent/probes/certificates/private_key.h"
#include "agent/probes/certificates/problem_list.h"
#include "agent/probes/certificates/secrets.h"
#include "common/openssl.h"
#include "common/text.h"
#include "common/yaml_reader.h"

namespace muster {
namespace {

using EncodeContextPtr = std::unique_ptr<EVP_ENCODE_CTX, OpensslDeleter<EVP_ENCODE_CTX_free>>;

// White space between lines is fine. nullopt where it is not base64.
std::optional<std::string> from_base64(std::string_view text) {
  const EncodeContextPtr context(EVP_ENCODE_CTX_new());
  std::string bytes(text.size() / 4 * 3 + 64, '\0');
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  int size = 0;
  int rest = 0;
  EVP_DecodeInit(context.get());
  const bool is_whole = EVP_DecodeUpdate(context.get(), out, &size,
                                         reinterpret_cast<const unsigned char*>(text.data()),
                                         static_cast<int>(text.size())) >= 0 &&
                        EVP_DecodeFinal(context.get(), out + size, &rest) == 1;
  const WipeAtEnd wipe(bytes);
  if (!is_whole) return std::nullopt;
  return bytes.substr(0, static_cast<size_t>(size) + static_cast<size_t>(rest));
}

class KubeconfigReading {
 public:
  explicit KubeconfigReading(Unlocking& unlocking) : unlocking_(unlocking) {}

  FileContent read(YamlMap root) {
    for (YamlMap& entry : root.maps("users"))
      read_user(entry);
    for (YamlMap& entry : root.maps("clusters"))
      read_cluster(entry);
    content_.file.set_error(problems_.text());
    return std::move(content_);
  }

 private:
  static std::string name_of(YamlMap& entry, std::string_view kind) {
    return printable(fmt::format("{} {}", kind, entry.text("name").value_or("")), kEntryNameLimit);
  }

  void read_user(YamlMap& entry) {
    std::optional<YamlMap> user = entry.map("user");
    if (!user.has_value()) return;
    const std::string name = name_of(entry, "user");
    const int before = content_.file.certificates_size();
    read_certificates(*user, "client-certificate", name);
    const bool is_first = before == 0 && content_.file.certificates_size() > 0;
    if (is_first || !content_.key.has_value()) read_key(*user, name, is_first);
  }

  void read_cluster(YamlMap& entry) {
    std::optional<YamlMap> cluster = entry.map("cluster");
    if (!cluster.has_value()) return;
    read_certificates(*cluster, "certificate-authority", name_of(entry, "cluster"));
  }

  // `key` with "-data" is content, without it a path; kubectl prefers the content.
  void read_certificates(YamlMap& map, const std::string& key, const std::string& name) {
    const std::string data_key = key + "-data";
    if (!map.has(data_key)) return refer(map, key, content_.referred_paths);
    const std::optional<std::string> pem = decoded(map, data_key, name);
    if (!pem.has_value()) return;
    ParsedCertificates parsed = parse_certificates(*pem);
    if (!parsed.error.empty()) problems_.add(fmt::format("{}, {}", name, data_key), parsed.error);
    for (v1::Certificate& certificate : parsed.certificates) {
      if (content_.file.certificates_size() == static_cast<int>(kMostCertificates)) {
        if (!is_full_) {
          problems_.add_limit(fmt::format(
              "it holds more than {} certificates: the others are left out", kMostCertificates));
        }
        is_full_ = true;
        return;
      }
      *content_.file.add_certificates() = std::move(certificate);
      content_.file.add_entry_names(name);
    }
  }

  void read_key(YamlMap& user, const std::string& name, bool is_of_first) {
    constexpr std::string_view kData = "client-key-data";
    if (!user.has(kData)) {
      // The certificate of this user is not to be held against another user's key.
      if (is_of_first) content_.key.reset();
      return refer(user, "client-key", content_.referred_keys);
    }
    std::optional<std::string> pem = decoded(user, std::string(kData), name);
    if (!pem.has_value()) return;
    const WipeAtEnd wipe(*pem);
    content_.key = read_pem_key(*pem, unlocking_);
  }

  std::optional<std::string> decoded(YamlMap& map, const std::string& key,
                                     const std::string& name) {
    std::optional<std::string> text = map.text(key);
    std::optional<std::string> bytes;
    if (text.has_value()) {
      const WipeAtEnd wipe(*text);
      bytes = from_base64(*text);
    }
    if (!bytes.has_value()) problems_.add(fmt::format("{}, {}", name, key), "it is not base64");
    return bytes;
  }

  void refer(YamlMap& map, std::string_view key, std::vector<std::string>& paths) {
    const std::optional<std::string> path = map.text(key);
    if (!path.has_value() || path->empty()) return;
    const size_t known = content_.referred_paths.size() + content_.referred_keys.size();
    if (known == kMostReferredPaths) {
      if (!refers_to_more_) {
        problems_.add_limit(fmt::format(
            "it names more than {} files: the others were not looked at", kMostReferredPaths));
      }
      refers_to_more_ = true;
      return;
    }
    paths.push_back(*path);
  }

  Unlocking& unlocking_;
  FileContent content_;
  ProblemList problems_;
  bool is_full_ = false;
  bool refers_to_more_ = false;
};

}  // namespace

FileContent read_kubeconfig(std::string_view text, Unlocking& unlocking) {
  std::string copy(text);
  const WipeAtEnd wipe(copy);
  absl::StatusOr<YamlDocument> document = YamlDocument::parse(copy, "kubeconfig");
  FileContent content;
  if (document.ok()) {
    content = KubeconfigReading(unlocking).read(document->root());
  } else {
    content.file.set_error(reason_text(document.status()));
  }
  content.file.set_format(v1::CERTIFICATE_FORMAT_KUBECONFIG);
  return content;
}

}  // namespace muster
