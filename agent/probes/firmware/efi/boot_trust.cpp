#include "agent/probes/firmware/efi/boot_trust.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "agent/probes/certificates/certificate_parser.h"
#include "agent/probes/certificates/problem_list.h"
#include "agent/probes/firmware/efi/signature_lists.h"
#include "agent/probes/firmware/system_files.h"
#include "common/digest.h"
#include "common/text.h"

namespace muster::firmware {
namespace {

constexpr std::string_view kVariables = "/sys/firmware/efi/efivars";
// efivarfs (Documentation/filesystems/efivarfs.rst) has a variable's attributes before its value.
constexpr size_t kAttributes = 4;
// Of a variable. Boards have room for 64 to 256 KiB of all.
constexpr size_t kLargestVariable = 1 << 20;

// UEFI 2.10, 3.3, 32.3, and of shim (rhboot/shim, MokVars.txt and SBAT.md).
constexpr std::string_view kGlobal = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr std::string_view kSecurity = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";
constexpr std::string_view kShim = "605dab50-e046-4300-abb6-3dd810dd8b23";

struct List {
  std::string_view name;
  std::string_view variable;
  std::string_view vendor;
};
constexpr std::array kAuthorities = {
    List{"KEK", "KEK", kGlobal},
    List{"MOK", "MokListRT", kShim},
    List{"PK", "PK", kGlobal},
    List{"db", "db", kSecurity},
};

// A machine tells one of these, whatever started it; a container that hides the firmware does not.
constexpr std::array<std::string_view, 4> kOtherFirmware = {"acpi", "devicetree", "dmi", "ipl"};

std::string path_of(std::string_view variable, std::string_view vendor) {
  return fmt::format("{}/{}-{}", kVariables, variable, vendor);
}

class Variables {
 public:
  Variables(const std::string& root, std::vector<v1::UnreadableSource>& unreadable)
      : files_(root, unreadable) {}

  // Without its attributes; absent where there is none, or it could not be read, which is noted.
  std::optional<std::string> value(std::string_view variable, std::string_view vendor) {
    const std::string path = path_of(variable, vendor);
    if (!files_.exists(path)) return std::nullopt;
    std::string content = files_.content(path, kLargestVariable);
    if (content.empty()) return std::nullopt;
    if (content.size() < kAttributes) {
      files_.note(path, fmt::format("it has {} bytes, less than its attributes", content.size()));
      return std::nullopt;
    }
    content.erase(0, kAttributes);
    return content;
  }
  // Of a variable that is one byte; absent where it is not.
  std::optional<bool> flag(std::string_view variable) {
    const std::optional<std::string> byte = value(variable, kGlobal);
    if (!byte) return std::nullopt;
    if (byte->size() != 1) {
      files_.note(path_of(variable, kGlobal),
                  fmt::format("it has {} bytes, not one", byte->size()));
      return std::nullopt;
    }
    return (*byte)[0] != 0;
  }
  bool has(std::string_view variable, std::string_view vendor) const {
    return files_.exists(path_of(variable, vendor));
  }
  SystemFiles& files() { return files_; }

 private:
  SystemFiles files_;
};

void add_state(Variables& variables, v1::SecureBoot& secure_boot) {
  const std::optional<bool> is_on = variables.flag("SecureBoot");
  const std::optional<bool> is_setup = variables.flag("SetupMode");
  if (is_setup && *is_setup) {
    secure_boot.set_state(v1::SECURE_BOOT_STATE_SETUP);
  } else if (is_on) {
    secure_boot.set_state(*is_on ? v1::SECURE_BOOT_STATE_ON : v1::SECURE_BOOT_STATE_OFF);
  } else if (!variables.has("SecureBoot", kGlobal)) {
    // Firmware that cannot has no such variable (UEFI 2.10, 3.3).
    secure_boot.set_state(v1::SECURE_BOOT_STATE_OFF);
  }
}

void add_authorities(Variables& variables, v1::SecureBoot& secure_boot) {
  std::vector<v1::SecureBootAuthority> all;
  for (const List& list : kAuthorities) {
    const std::optional<std::string> value = variables.value(list.variable, list.vendor);
    if (!value) continue;
    const std::string path = path_of(list.variable, list.vendor);
    const SignatureLists lists = parse_signature_lists(*value);
    if (!lists.cut_short.empty()) variables.files().note(path, lists.cut_short);
    for (const std::string_view der : lists.certificates) {
      const absl::StatusOr<CertificateFields> fields = parse_der_certificate(der);
      if (!fields.ok()) {
        variables.files().note(path, "a certificate of it: " + reason_text(fields.status()));
        continue;
      }
      v1::SecureBootAuthority& authority = all.emplace_back();
      authority.set_list(std::string(list.name));
      authority.set_subject(fields->certificate.subject());
      authority.set_fingerprint(fields->certificate.sha256());
      *authority.mutable_not_after() = fields->certificate.not_after();
    }
  }
  const auto key = [](const v1::SecureBootAuthority& one) {
    return std::tie(one.list(), one.fingerprint());
  };
  std::sort(all.begin(), all.end(),
            [&key](const auto& one, const auto& other) { return key(one) < key(other); });
  all.erase(
      std::unique(all.begin(), all.end(),
                  [&key](const auto& one, const auto& other) { return key(one) == key(other); }),
      all.end());
  if (all.size() > kMostAuthorities) {
    variables.files().note(std::string(kVariables),
                           fmt::format("they have more than {} certificates", kMostAuthorities));
    all.resize(kMostAuthorities);
  }
  secure_boot.mutable_authorities()->Assign(all.begin(), all.end());
}

// "sbat,1,2023012900": the day of the level is the third field of the first line.
std::string sbat_level(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  if (!line.starts_with("sbat,")) return {};
  const size_t comma = line.find(',', 5);
  if (comma == std::string_view::npos) return {};
  return printable(trim(line.substr(comma + 1).substr(0, line.substr(comma + 1).find('\0'))), 32);
}

void add_revoked(Variables& variables, BootTrust& trust) {
  const bool is_there = variables.has("dbx", kSecurity);
  const std::optional<std::string> value = variables.value("dbx", kSecurity);
  if (is_there && !value) return;
  const SignatureLists lists = parse_signature_lists(value.value_or(""));
  v1::FirmwareComponent& component = trust.found.components.emplace_back();
  component.set_kind(v1::FIRMWARE_KIND_REVOCATION_LIST);
  component.set_name("dbx");
  component.set_source("UEFI");
  if (value) trust.secure_boot.set_revoked_digest(to_hex(sha256(*value)));
  trust.secure_boot.set_revoked_count(lists.entries);
  if (!lists.cut_short.empty()) {
    variables.files().note(path_of("dbx", kSecurity), lists.cut_short);
    return;
  }
  // As fwupd counts: each list that Microsoft publishes has more of them than the last.
  component.set_version(fmt::format("{}", lists.program_digests));
}

}  // namespace

BootTrust look_at_boot_trust(const std::string& root) {
  BootTrust trust;
  Variables variables(root, trust.found.unreadable);
  SystemFiles& files = variables.files();
  if (!files.exists("/sys/firmware/efi")) {
    const bool is_told =
        std::any_of(kOtherFirmware.begin(), kOtherFirmware.end(), [&files](std::string_view name) {
          return files.exists(fmt::format("/sys/firmware/{}", name));
        });
    if (is_told) trust.secure_boot.set_state(v1::SECURE_BOOT_STATE_NO_UEFI);
    return trust;
  }
  // Firmware that has one of these has its platform key's mode too.
  if (!variables.has("SetupMode", kGlobal) && !variables.has("SecureBoot", kGlobal) &&
      !variables.has("BootOrder", kGlobal)) {
    files.note(
        std::string(kVariables),
        "it has no variable of UEFI: efivarfs is not mounted, or the kernel does not ask the "
        "firmware (efi=noruntime)");
    return trust;
  }
  add_state(variables, trust.secure_boot);
  add_authorities(variables, trust.secure_boot);
  add_revoked(variables, trust);
  if (const std::optional<std::string> level = variables.value("SbatLevelRT", kShim))
    trust.secure_boot.set_sbat_level(sbat_level(*level));
  return trust;
}

}  // namespace muster::firmware
