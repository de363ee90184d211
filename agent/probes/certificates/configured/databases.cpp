// PostgreSQL's postgresql.conf, and the option files of MariaDB and MySQL.
#include <algorithm>
#include <map>
#include <optional>

#include "agent/probes/certificates/configured/configuration_text.h"
#include "agent/probes/certificates/configured/servers.h"
#include "common/text.h"

namespace muster::configured {
namespace {

struct Value {
  std::string text;
  Place place;
};

using Values = std::map<std::string, Value, std::less<>>;

std::string text_of(const Values& values, std::string_view name, std::string_view otherwise) {
  const auto found = values.find(name);
  return found == values.end() ? std::string(otherwise) : found->second.text;
}

// "name = 'value'", "name value": quotes within are doubled, and "#" ends what is not quoted.
// https://www.postgresql.org/docs/15/config-setting.html#CONFIG-SETTING-CONFIGURATION-FILE
Setting postgresql_setting(const Line& line) {
  const std::string_view text = line.text;
  const size_t name_end = std::min(text.find_first_of(" \t="), text.size());
  Setting setting{.line = line.number,
                  .section = {},
                  .name = std::string(text.substr(0, name_end)),
                  .value = {}};
  std::transform(setting.name.begin(), setting.name.end(), setting.name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const size_t begin = text.find_first_not_of(" \t=", name_end);
  if (begin == std::string_view::npos) return setting;
  if (text[begin] != '\'') {
    setting.value = text.substr(begin, text.find_first_of(" \t#", begin) - begin);
    return setting;
  }
  for (size_t at = begin + 1; at < text.size(); ++at) {
    if (text[at] == '\'') {
      if (at + 1 >= text.size() || text[at + 1] != '\'') break;
      ++at;
    }
    setting.value += text[at];
  }
  return setting;
}

void take_postgresql(Configuration& configuration, const std::string& path, size_t depth,
                     Values& values) {
  const std::optional<std::string> text = configuration.text(path, depth);
  if (!text) return;
  for (const Line& line : lines_of(*text, Continued::kNever)) {
    const Setting setting = postgresql_setting(line);
    const std::string named = absolute_path(setting.value, directory_of(path));
    if (setting.name == "include" || setting.name == "include_if_exists") {
      if (setting.name == "include" || configuration.exists(named))
        take_postgresql(configuration, named, depth + 1, values);
    } else if (setting.name == "include_dir") {
      for (const std::string& each : configuration.matches(named + "/*.conf"))
        take_postgresql(configuration, each, depth + 1, values);
    } else if (setting.name.starts_with("ssl") || setting.name == "data_directory") {
      values[setting.name] = {setting.value, {path, setting.line}};
    }
  }
}

bool is_true(std::string_view text) {
  for (const std::string_view each : {"on", "true", "yes", "1", "t", "y"}) {
    if (same_word(text, each)) return true;
  }
  return false;
}

// Which groups the server reads; those of versions ("mariadb-10.11") too.
bool is_of_server(std::string_view section) {
  return section == "server" || section == "galera" || section.starts_with("mysqld") ||
         section.starts_with("mariadbd") || section == "mariadb" ||
         section.starts_with("mariadb-1");
}

// "ssl_cert" is "ssl-cert", and "loose-" may be before it.
std::string option_name(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name.starts_with("loose-") ? name.substr(6) : name;
}

void take_mysql(Configuration& configuration, const std::string& path, size_t depth,
                Values& values) {
  const std::optional<std::string> text = configuration.text(path, depth);
  if (!text) return;
  for (const Setting& setting : settings_of(lines_of(*text, Continued::kNever, "#;"))) {
    const std::vector<std::string> words = words_of(setting.name, "");
    if (words.size() == 2 && words[0] == "!include") {
      take_mysql(configuration, words[1], depth + 1, values);
    } else if (words.size() == 2 && words[0] == "!includedir") {
      for (const std::string& each : configuration.matches(absolute_path("*.cnf", words[1])))
        take_mysql(configuration, each, depth + 1, values);
    } else if (is_of_server(setting.section)) {
      const std::string value = setting.value.substr(0, setting.value.find(" #"));
      const std::string name = option_name(setting.name);
      if (name == "skip-ssl" || name == "disable-ssl")
        values["ssl"] = {"0", {path, setting.line}};
      else if (name.starts_with("ssl") || name == "datadir")
        values[name] = {unquoted(value), {path, setting.line}};
    }
  }
}

}  // namespace

void read_postgresql(Configuration& configuration, const std::string& main) {
  Values values;
  take_postgresql(configuration, main, 0, values);
  const auto ssl = values.find("ssl");
  if (ssl == values.end() || !is_true(ssl->second.text)) return;
  const std::string data = text_of(values, "data_directory", directory_of(main));
  const auto certificate = values.find("ssl_cert_file");
  configuration.add_use(certificate == values.end() ? ssl->second.place : certificate->second.place,
                        absolute_path(text_of(values, "ssl_cert_file", "server.crt"), data),
                        absolute_path(text_of(values, "ssl_key_file", "server.key"), data));
}

void read_mysql(Configuration& configuration, const std::string& main) {
  Values values;
  take_mysql(configuration, main, 0, values);
  const auto certificate = values.find("ssl-cert");
  if (certificate == values.end() || certificate->second.text.empty()) return;
  if (const std::string ssl = text_of(values, "ssl", "1"); ssl == "0" || same_word(ssl, "off")) {
    return;
  }
  const std::string data = text_of(values, "datadir", "/var/lib/mysql");
  configuration.add_use(certificate->second.place, absolute_path(certificate->second.text, data),
                        absolute_path(text_of(values, "ssl-key", ""), data));
}

}  // namespace muster::configured
