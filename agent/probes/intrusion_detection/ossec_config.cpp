#include "agent/probes/intrusion_detection/ossec_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "agent/probes/protection/text_lines.h"
#include "common/text.h"

namespace muster::intrusion_detection {
namespace {

constexpr size_t kDeepest = 16;
constexpr size_t kLongestValue = 256;

class Reader {
 public:
  // A tag without its brackets: "server", "/server", "directories realtime=\"yes\"".
  absl::Status take_tag(std::string_view tag) {
    if (tag.starts_with('?') || tag.starts_with('!')) return absl::OkStatus();
    if (tag.starts_with('/')) {
      if (!open_.empty()) open_.pop_back();
      return absl::OkStatus();
    }
    const std::string_view name = tag.substr(0, tag.find_first_of(" \t\r\n/"));
    if (name == "directories" && is_in("syscheck") &&
        (is_yes(tag, "realtime") || is_yes(tag, "whodata"))) {
      config_.has_real_time = true;
    }
    if (tag.ends_with('/')) return absl::OkStatus();
    if (open_.size() == kDeepest) {
      return absl::InvalidArgumentError(fmt::format("it nests deeper than {} tags", kDeepest));
    }
    open_.push_back(name);
    return absl::OkStatus();
  }

  void take_text(std::string_view text) {
    text = trim(text);
    if (text.empty() || text.size() > kLongestValue || open_.empty()) return;
    const std::string_view name = open_.back();
    if (is_in("client")) take_client(name, text);
    if (is_in("syscheck") && name == "disabled") config_.is_syscheck_off = text == "yes";
    if (is_in("syscheck") && name == "frequency") {
      uint64_t seconds = 0;
      if (protection::parse_number(text, seconds)) config_.check_frequency = seconds;
    }
    if (is_in("client_buffer") && name == "disabled") is_buffer_off_ = text == "yes";
    if (is_in("client_buffer") && name == "queue_size") {
      uint64_t size = 0;
      if (protection::parse_number(text, size)) config_.queue_size = size;
    }
  }

  OssecConfig end() {
    if (!address_.empty()) {
      const bool is_ipv6 = address_.find(':') != std::string::npos;
      config_.server = fmt::format(fmt::runtime(is_ipv6 ? "[{}]:{}" : "{}:{}"), address_,
                                   port_.empty() ? "1514" : port_);
    }
    if (is_buffer_off_) config_.queue_size.reset();
    return config_;
  }

 private:
  bool is_in(std::string_view name) const {
    return std::find(open_.begin(), open_.end(), name) != open_.end();
  }

  // Wazuh's <client><server><address>, <port>; OSSEC's <client><server-ip>, <server-hostname>.
  void take_client(std::string_view name, std::string_view text) {
    const bool is_address =
        (name == "address" && is_in("server")) || name == "server-ip" || name == "server-hostname";
    if (is_address && address_.empty()) {
      address_ = printable(text, kLongestValue);
    } else if (name == "port" && port_.empty()) {
      port_ = printable(text, 8);
    }
  }

  static bool is_yes(std::string_view tag, std::string_view attribute) {
    for (const char* form : {" {}=\"yes\"", " {}='yes'"}) {
      if (tag.find(fmt::format(fmt::runtime(form), attribute)) != std::string_view::npos) {
        return true;
      }
    }
    return false;
  }

  std::vector<std::string_view> open_;
  OssecConfig config_;
  std::string address_;
  std::string port_;
  bool is_buffer_off_ = false;
};

}  // namespace

absl::StatusOr<OssecConfig> parse_ossec_config(std::string_view xml) {
  Reader reader;
  while (!xml.empty()) {
    const size_t open = std::min(xml.find('<'), xml.size());
    reader.take_text(xml.substr(0, open));
    xml.remove_prefix(open);
    if (xml.empty()) break;
    const bool is_comment = xml.starts_with("<!--");
    const std::string_view ending = is_comment ? "-->" : ">";
    const size_t close = xml.find(ending);
    if (close == std::string_view::npos) {
      return absl::InvalidArgumentError("it breaks off within a tag");
    }
    if (!is_comment) {
      const absl::Status taken = reader.take_tag(xml.substr(1, close - 1));
      if (!taken.ok()) return taken;
    }
    xml.remove_prefix(close + ending.size());
  }
  return reader.end();
}

}  // namespace muster::intrusion_detection
