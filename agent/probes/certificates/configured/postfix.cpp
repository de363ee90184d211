// Postfix's parameters: postconf(5), master(5).
#include <fmt/format.h>

#include <array>
#include <map>
#include <optional>
#include <utility>

#include "agent/probes/certificates/configured/configuration_text.h"
#include "agent/probes/certificates/configured/servers.h"

namespace muster::configured {
namespace {

// A certificate's parameter and its key's, which is the certificate's file where it is not set.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPairs = {{
    {"smtpd_tls_cert_file", "smtpd_tls_key_file"},
    {"smtpd_tls_eccert_file", "smtpd_tls_eckey_file"},
    {"smtpd_tls_dcert_file", "smtpd_tls_dkey_file"},
}};
constexpr size_t kMostValueBytes = 64 << 10;
constexpr size_t kMostSteps = 1000;
// Services of master.cf with certificates of their own.
constexpr size_t kMostServices = 256;

struct Parameter {
  std::string value;
  Place place;
};

using Parameters = std::map<std::string, Parameter, std::less<>>;

// With the values of $name, ${name} and $(name); unset where they go in circles or too far. One
// that is not set is empty, as Postfix has it, but for its own defaults.
// `steps` are those that are left.
std::optional<std::string> expanded(const Parameters& parameters, std::string_view text,
                                    size_t& steps, size_t depth = 0) {
  if (depth > 8) return std::nullopt;
  std::string value;
  while (!text.empty()) {
    const size_t dollar = std::min(text.find('$'), text.size());
    value.append(text.substr(0, dollar));
    text.remove_prefix(std::min(dollar + 1, text.size()));
    if (text.empty()) break;
    if (steps == 0) return std::nullopt;
    --steps;
    const bool braces = text.front() == '{' || text.front() == '(';
    if (braces) text.remove_prefix(1);
    const size_t end = std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"),
                                text.size());
    const auto parameter = parameters.find(text.substr(0, end));
    text.remove_prefix(end);
    if (braces) {
      // "${name?then}" and "${name:else}" are for Postfix to say.
      if (text.empty() || (text.front() != '}' && text.front() != ')')) return std::nullopt;
      text.remove_prefix(1);
    }
    if (parameter == parameters.end()) continue;
    const std::optional<std::string> inner =
        expanded(parameters, parameter->second.value, steps, depth + 1);
    if (!inner || value.size() + inner->size() > kMostValueBytes) return std::nullopt;
    value.append(*inner);
  }
  return value;
}

class Postfix {
 public:
  Postfix(Configuration& configuration, const std::string& main)
      : configuration_(configuration), directory_(directory_of(main)) {
    parameters_["config_directory"] = {directory_, {}};
  }

  void read_main(const std::string& main) {
    const std::optional<std::string> text = configuration_.text(main);
    if (!text) return;
    for (Setting& setting : settings_of(lines_of(*text, Continued::kByIndent)))
      parameters_[setting.name] = {std::move(setting.value), {main, setting.line}};
    tell(parameters_);
  }

  // Services whose "-o" says other certificates than main.cf.
  void read_master(const std::string& master) {
    const std::optional<std::string> text = configuration_.text_if_there(master);
    if (!text) return;
    size_t services = 0;
    for (const Line& line : lines_of(*text, Continued::kByIndent)) {
      Parameters own;
      const std::vector<std::string> words = words_of(line.text, "");
      for (size_t each = 0; each + 1 < words.size(); ++each) {
        const std::string& option = words[each + 1];
        const size_t equals = std::min(option.find('='), option.size());
        if (words[each] == "-o" && is_certificate(option.substr(0, equals))) {
          own[option.substr(0, equals)] = {option.substr(std::min(equals + 1, option.size())),
                                           {master, line.number}};
        }
      }
      if (own.empty()) continue;
      if (++services > kMostServices) {
        configuration_.complain(
            {master, line.number},
            fmt::format("not read: more than {} services with certificates", kMostServices));
        return;
      }
      tell_service(own);
    }
  }

 private:
  static bool is_certificate(std::string_view name) {
    if (name == "smtpd_tls_chain_files") return true;
    for (const auto& [certificate, key] : kPairs) {
      if (name == certificate || name == key) return true;
    }
    return false;
  }

  // What main.cf says besides; of the others of its certificates it has told itself.
  void tell_service(const Parameters& own) {
    Parameters service = parameters_;
    service.erase("smtpd_tls_chain_files");
    service.erase("tls_server_sni_maps");
    for (const auto& [certificate, key] : kPairs) {
      if (!own.contains(certificate) && !own.contains(key)) service.erase(std::string(certificate));
    }
    for (const auto& [name, parameter] : own)
      service[name] = parameter;
    tell(service);
  }

  void tell(const Parameters& parameters) {
    if (const auto maps = parameters.find("tls_server_sni_maps");
        maps != parameters.end() && !maps->second.value.empty()) {
      configuration_.complain(
          maps->second.place,
          "tls_server_sni_maps: certificates by name are in a table of Postfix's "
          "own; name their files in the setting paths");
    }
    // Where there are chain files, Postfix reads no others.
    if (chain_files(parameters)) return;
    for (const auto& [certificate, key] : kPairs) {
      const std::optional<std::string> path = value_of(parameters, certificate);
      if (!path || path->empty() || *path == "none") continue;
      const std::optional<std::string> key_path = value_of(parameters, key);
      configuration_.add_use(parameters.find(certificate)->second.place, *path,
                             key_path && !key_path->empty() ? *key_path : *path);
    }
  }

  // Files of which each has a key and its chain, or a key whose chain the next one has.
  bool chain_files(const Parameters& parameters) {
    const std::optional<std::string> value = value_of(parameters, "smtpd_tls_chain_files");
    if (!value) return false;
    std::string list = *value;
    for (char& each : list)
      each = each == ',' ? ' ' : each;
    const std::vector<std::string> paths = words_of(list, "");
    const Place place =
        paths.empty() ? Place{} : parameters.find("smtpd_tls_chain_files")->second.place;
    for (size_t each = 0; each < paths.size(); ++each) {
      const bool is_key = paths[each].find("key") != std::string::npos && each + 1 < paths.size();
      configuration_.add_use(place, paths[is_key ? each + 1 : each], paths[each]);
      each += is_key ? 1 : 0;
    }
    return !paths.empty();
  }

  // Unset where it is not there, or cannot be told.
  std::optional<std::string> value_of(const Parameters& parameters, std::string_view name) {
    const auto parameter = parameters.find(name);
    if (parameter == parameters.end()) return std::nullopt;
    size_t steps = kMostSteps;
    std::optional<std::string> value = expanded(parameters, parameter->second.value, steps);
    if (!value) {
      configuration_.complain(parameter->second.place, fmt::format("{} = {} is for Postfix to say",
                                                                   name, parameter->second.value));
    }
    return value;
  }

  Configuration& configuration_;
  const std::string directory_;
  Parameters parameters_;
};

}  // namespace

void read_postfix(Configuration& configuration, const std::string& main) {
  Postfix postfix(configuration, main);
  postfix.read_main(main);
  postfix.read_master(directory_of(main) + "/master.cf");
}

}  // namespace muster::configured
