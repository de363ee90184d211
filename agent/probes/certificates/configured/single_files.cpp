// Servers whose certificate is two lines of one file: vsftpd.conf(5), inn.conf(5), xrdp.ini(5).
#include <map>
#include <optional>

#include "agent/probes/certificates/configured/configuration_text.h"
#include "agent/probes/certificates/configured/servers.h"

namespace muster::configured {
namespace {

using Settings = std::map<std::string, Setting, std::less<>>;

// By name: the last of a name counts. Of files with sections, those of `section`.
Settings by_name(const std::vector<Setting>& settings, std::string_view section = "") {
  Settings named;
  for (const Setting& each : settings) {
    if (same_word(each.section, section)) named[each.name] = each;
  }
  return named;
}

std::string value_of(const Settings& settings, std::string_view name) {
  const auto found = settings.find(name);
  return found == settings.end() ? "" : unquoted(found->second.value);
}

size_t line_of(const Settings& settings, std::string_view name, std::string_view otherwise) {
  auto found = settings.find(name);
  if (found == settings.end()) found = settings.find(otherwise);
  return found == settings.end() ? 1 : found->second.line;
}

}  // namespace

void read_vsftpd(Configuration& configuration, const std::string& main) {
  const std::optional<std::string> text = configuration.text(main);
  if (!text) return;
  const Settings settings = by_name(settings_of(lines_of(*text, Continued::kNever)));
  if (const std::string ssl = value_of(settings, "ssl_enable");
      !same_word(ssl, "YES") && !same_word(ssl, "TRUE") && ssl != "1") {
    return;
  }
  std::string certificate = value_of(settings, "rsa_cert_file");
  if (certificate.empty()) certificate = "/usr/share/ssl/certs/vsftpd.pem";
  const std::string key = value_of(settings, "rsa_private_key_file");
  configuration.add_use({main, line_of(settings, "rsa_cert_file", "ssl_enable")}, certificate,
                        key.empty() ? certificate : key);
  if (const std::string other = value_of(settings, "dsa_cert_file"); !other.empty()) {
    const std::string its_key = value_of(settings, "dsa_private_key_file");
    configuration.add_use({main, line_of(settings, "dsa_cert_file", "")}, other,
                          its_key.empty() ? other : its_key);
  }
}

void read_inn(Configuration& configuration, const std::string& main) {
  const std::optional<std::string> text = configuration.text(main);
  if (!text) return;
  const Settings settings = by_name(settings_of(lines_of(*text, Continued::kNever), ":"));
  if (const std::string certificate = value_of(settings, "tlscertfile"); !certificate.empty()) {
    configuration.add_use({main, line_of(settings, "tlscertfile", "")}, certificate,
                          value_of(settings, "tlskeyfile"));
  }
}

void read_xrdp(Configuration& configuration, const std::string& main) {
  const std::optional<std::string> text = configuration.text(main);
  if (!text) return;
  const Settings settings =
      by_name(settings_of(lines_of(*text, Continued::kNever, "#;")), "Globals");
  // Its own encryption, without certificates.
  if (same_word(value_of(settings, "security_layer"), "rdp")) return;
  std::string certificate = value_of(settings, "certificate");
  std::string key = value_of(settings, "key_file");
  if (certificate.empty()) certificate = "cert.pem";
  if (key.empty()) key = "key.pem";
  const std::string directory = directory_of(main);
  configuration.add_use({main, line_of(settings, "certificate", "")},
                        absolute_path(certificate, directory), absolute_path(key, directory));
}

}  // namespace muster::configured
