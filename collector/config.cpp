#include "collector/config.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "collector/http/address.h"
#include "collector/identity/certificate_authority.h"
#include "collector/identity/certificate_builder.h"
#include "collector/inventory/inventory_config.h"
#include "collector/service/state_files.h"
#include "common/files.h"
#include "common/service_environment.h"
#include "common/yaml_reader.h"

namespace muster::collector {
namespace {

using namespace std::chrono_literals;

constexpr size_t kFileLimit = 1 << 20;
constexpr size_t kMostAddresses = 16;
constexpr size_t kMostNames = 64;
// A host with nothing special has about 50; what it has beyond 100,000 nobody looks at.
constexpr int64_t kLeastSeries = 500;
constexpr int64_t kMostSeries = 100'000;

std::string beside(const std::string& config_path, const std::string& path) {
  if (path.empty() || is_credential(path)) return path;
  return (std::filesystem::path(config_path).parent_path() / path).lexically_normal().string();
}

void read_listen(YamlMap& root, std::string_view key, std::vector<std::string>& addresses) {
  addresses = root.texts(key).value_or(addresses);
  if (addresses.empty() || addresses.size() > kMostAddresses) {
    root.complain(
        key, fmt::format("1 to {} addresses belong here, as in [\"[::]:8443\"]", kMostAddresses));
  }
  for (const std::string& address : addresses) {
    const absl::Status status = http::parse_listen_address(address).status();
    if (!status.ok()) root.complain(key, std::string(status.message()));
  }
}

bool is_address(const std::string& address) {
  const size_t colon = address.rfind(':');
  return colon != std::string::npos && colon > 0 && colon + 1 < address.size() &&
         address.find_first_not_of("0123456789", colon + 1) == std::string::npos;
}

void read_advertised(YamlMap& root, Config& config) {
  config.advertise_grpc = root.texts("advertise_grpc").value_or(std::vector<std::string>());
  for (const std::string& address : config.advertise_grpc) {
    if (is_address(address)) continue;
    root.complain(
        "advertise_grpc",
        fmt::format("\"{}\" is not NAME:PORT, as in collector.example.org:8433", address));
  }
  config.advertise_http = root.text("advertise_http").value_or("");
  if (!config.advertise_http.empty() && !is_address(config.advertise_http)) {
    root.complain("advertise_http", "it must be NAME:PORT, as in collector.example.org:8443");
  }
  if (config.names.empty()) return;
  if (config.advertise_grpc.empty() && !config.grpc_listen.empty()) {
    config.advertise_grpc = {advertised_address(config.names.front(), config.grpc_listen.front())};
  }
  if (config.advertise_http.empty() && !config.http_listen.empty()) {
    config.advertise_http = advertised_address(config.names.front(), config.http_listen.front());
  }
}

void read_names(YamlMap& root, Config& config) {
  config.names = root.texts("names").value_or(config.names);
  if (config.names.empty() || config.names.size() > kMostNames) {
    root.complain("names", fmt::format("1 to {} names belong here", kMostNames));
  }
  for (const std::string& name : config.names) {
    const absl::Status status = server_alternative_name(name).status();
    if (!status.ok()) root.complain("names", std::string(status.message()));
  }
  config.trust_domain = root.text("trust_domain").value_or(config.trust_domain);
  if (!is_trust_domain(config.trust_domain)) {
    root.complain("trust_domain", "it must be of lower-case letters, digits, '.', '-' and '_'");
  }
}

void read_agent_identity(YamlMap& root, Config& config, const std::string& path) {
  std::optional<YamlMap> map = root.map("agent_identity");
  if (!map) return;
  AgentIdentity identity{
      .ca_file = beside(path, map->text("ca_file").value_or("")),
      .certificate_file = beside(path, map->text("certificate_file").value_or("")),
      .key_file = beside(path, map->text("key_file").value_or("")),
      .names = config.trust_domain};
  if (identity.ca_file.empty()) map->require("ca_file");
  if (identity.certificate_file.empty() != identity.key_file.empty()) {
    map->complain("certificate_file", "certificate_file and key_file belong together");
  }
  std::optional<YamlMap> rule = map->map("host_id");
  if (!rule) return map->require("host_id");
  const std::string from = rule->one_of("from", {"spiffe", "dns", "cn"}).value_or("");
  const std::string pattern = rule->text("pattern").value_or("");
  if (from.empty()) return rule->require("from");
  CertificateNames::Source source = CertificateNames::Source::kSpiffe;
  if (from == "dns") source = CertificateNames::Source::kDns;
  if (from == "cn") source = CertificateNames::Source::kCommonName;
  absl::StatusOr<CertificateNames> names = CertificateNames::by_rule(source, pattern);
  if (!names.ok()) return rule->complain("pattern", std::string(names.status().message()));
  identity.names = *std::move(names);
  config.agent_identity = std::move(identity);
}

void read_log_level(YamlMap& root, Config& config) {
  const std::string level =
      root.one_of("log_level", {"debug", "info", "warning", "error"}).value_or("info");
  if (level == "debug") config.log_level = LogLevel::kDebug;
  if (level == "warning") config.log_level = LogLevel::kWarning;
  if (level == "error") config.log_level = LogLevel::kError;
}

}  // namespace

std::string advertised_address(const std::string& name, const std::string& listen_address) {
  const std::string port = listen_address.substr(listen_address.rfind(':') + 1);
  return name.find(':') == std::string::npos ? fmt::format("{}:{}", name, port)
                                             : fmt::format("[{}]:{}", name, port);
}

absl::StatusOr<Config> parse_config(const std::string& text, const std::string& path) {
  absl::StatusOr<YamlDocument> document = YamlDocument::parse(text, path);
  if (!document.ok()) return document.status();
  YamlMap root = document->root();
  Config config;
  config.state_directory = root.text("state_directory").value_or(config.state_directory);
  if (!config.state_directory.starts_with('/')) {
    root.complain("state_directory", "it must be an absolute path");
  }
  read_listen(root, "grpc_listen", config.grpc_listen);
  read_listen(root, "http_listen", config.http_listen);
  read_names(root, config);
  read_advertised(root, config);
  config.agent_certificate_lifetime = root.duration("agent_certificate_lifetime", 10s, 24h * 398)
                                          .value_or(config.agent_certificate_lifetime);
  config.reenroll_grace =
      root.duration("reenroll_grace", 0s, 24h * 398).value_or(config.reenroll_grace);
  config.sync_interval = root.duration("sync_interval", 1s, 1h).value_or(config.sync_interval);
  config.series_per_host =
      static_cast<size_t>(root.integer("series_per_host", kLeastSeries, kMostSeries)
                              .value_or(static_cast<int64_t>(config.series_per_host)));
  config.policy = beside(path, root.text("policy").value_or(""));
  const auto beside_it = [&path](const std::string& file) { return beside(path, file); };
  config.inventory = read_inventory_sources(root, beside_it);
  config.targets = read_targets_config(root, beside_it);
  config.web_config_file = beside(path, root.text("web_config_file").value_or(""));
  read_agent_identity(root, config, path);
  read_log_level(root, config);
  if (absl::Status status = document->finish(); !status.ok()) return status;
  return config;
}

absl::Status check_agent_identity(const Config& config) {
  if (!config.agent_identity) return absl::OkStatus();
  const AgentIdentity& identity = *config.agent_identity;
  const absl::StatusOr<std::string> ca = read_file(identity.ca_file, kFileLimit);
  if (!ca.ok()) return ca.status();
  if (ca->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    return absl::InvalidArgumentError(
        fmt::format("{} has no certificate in PEM", identity.ca_file));
  }
  if (identity.certificate_file.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> certificate = read_file(identity.certificate_file, kFileLimit);
  if (!certificate.ok()) return certificate.status();
  const absl::StatusOr<std::string> key = read_file(identity.key_file, kFileLimit);
  if (!key.ok()) return key.status();
  if (is_key_pair({.certificate = *certificate, .key = *key})) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} and {} are not a certificate and its key, PEM without a passphrase",
                  identity.certificate_file, identity.key_file));
}

absl::StatusOr<std::string> choose_config(
    const std::string& given, const std::function<bool(const std::string&)>& is_absent) {
  if (!given.empty()) return given;
  for (const std::string_view path : {kSystemConfigPath, kInitConfigPath}) {
    if (!is_absent(std::string(path))) return std::string(path);
  }
  return absl::NotFoundError(
      fmt::format("there is neither {} nor {}: `--config FILE` names the configuration, "
                  "`muster-collector init --state-directory {}` makes one",
                  kSystemConfigPath, kInitConfigPath, kDefaultStateDirectory));
}

bool is_absent_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

absl::StatusOr<Config> load_config(const std::string& path) {
  absl::StatusOr<std::string> text = read_file(path, kFileLimit);
  if (absl::IsNotFound(text.status())) {
    return absl::NotFoundError(
        fmt::format("{}; `muster-collector init` makes one, `--config FILE` names another",
                    std::string(text.status().message())));
  }
  if (!text.ok()) return text.status();
  absl::StatusOr<Config> config = parse_config(*text, path);
  if (config.ok()) {
    config->file_path = path;
    config->file_text = *std::move(text);
  }
  return config;
}

absl::Status use_credentials(Config& config, const std::string& credentials_directory) {
  std::vector<std::string*> paths = {&config.policy, &config.web_config_file};
  for (InventorySource& source : config.inventory) {
    const std::vector<std::string*> files = paths_of(source);
    paths.insert(paths.end(), files.begin(), files.end());
  }
  const std::vector<std::string*> of_targets = paths_of(config.targets);
  paths.insert(paths.end(), of_targets.begin(), of_targets.end());
  if (config.agent_identity) {
    AgentIdentity& identity = *config.agent_identity;
    paths.insert(paths.end(), {&identity.ca_file, &identity.certificate_file, &identity.key_file});
  }
  for (std::string* path : paths) {
    absl::StatusOr<std::string> file = resolve_credential(*path, credentials_directory);
    if (!file.ok()) return file.status();
    *path = *std::move(file);
  }
  return absl::OkStatus();
}

}  // namespace muster::collector
