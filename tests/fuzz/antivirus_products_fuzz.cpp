// Any bytes as all that one commercial antivirus product answers, or writes into its files: it
// stays installed, what is said of it can be shown, is of a bounded size and has times of a
// Timestamp; what is not known is named as unread, and nothing protects that does not run.
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/antivirus/product_readers.h"
#include "agent/probes/protection/product_facts.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "tests/common/temporary_directory.h"

namespace {

using namespace muster::antivirus;
namespace answers = muster::answers;
namespace protection = muster::protection;
namespace v1 = muster::v1;

struct Product {
  protection::ReadProduct read;
  const char* directory;
  std::vector<std::string> questions;
  std::vector<std::string> files;
};

const std::vector<Product>& products() {
  static const auto* const all = new std::vector<Product>{
      {read_bitdefender, "/opt/bitdefender-security-tools", {"bitdefender"}, {}},
      {read_cortex_xdr, "/opt/traps", {"cortex-xdr", "cortex-xdr-version", "cortex-xdr-info"}, {}},
      {read_crowdstrike_falcon, "/opt/CrowdStrike", {"crowdstrike-falcon"}, {}},
      {read_drweb, "/opt/drweb.com", {"drweb", "drweb-license", "drweb-version"}, {}},
      {read_eset, "/opt/eset/eea", {"eset-licence", "eset-modules", "eset-version"}, {}},
      {read_kaspersky, "/opt/kaspersky/kesl", {"kaspersky"}, {}},
      {read_microsoft_defender,
       "/opt/microsoft/mdatp",
       {"microsoft-defender", "microsoft-defender-exclusions", "microsoft-defender-scans",
        "microsoft-defender-threats"},
       {"/etc/opt/microsoft/mdatp/managed/mdatp_managed.json"}},
      {read_sentinelone,
       "/opt/sentinelone",
       {"sentinelone", "sentinelone-version", "sentinelone-engines", "sentinelone-management"},
       {}},
      {read_sophos,
       "/opt/sophos-spl/plugins/av",
       {},
       {"/opt/sophos-spl/plugins/av/VERSION.ini", "/opt/sophos-spl/base/mcs/status/SAV_status.xml",
        "/opt/sophos-spl/base/mcs/status/SHS_status.xml",
        "/opt/sophos-spl/base/mcs/status/ALC_status.xml",
        "/opt/sophos-spl/base/mcs/policy/CORE_policy.xml"}},
      {read_trend_micro, "/opt/ds_agent", {"trend-micro-status", "trend-micro-components"}, {}},
  };
  return *all;
}

// All of their programs, so that a reader goes on to what they answer; none of them; and nothing
// that could be read.
constexpr std::array<const char*, 3> kProcesses = {
    "1 0 wdavdaemon\n2 0 falcon-sensor-b\n3 0 sophos_watchdog\n4 0 ds_agent\n5 0 startd\n6 0 kesl\n"
    "7 0 drweb-configd\n8 0 drweb-spider\n",
    "1 0 systemd\n", ""};

void check(bool holds) {
  if (!holds) std::abort();
}

// A root with the directories of all products, and without any file of theirs at first.
const muster::test::TemporaryDirectory& host() {
  static const auto root = [] {
    auto made = std::make_unique<muster::test::TemporaryDirectory>(muster::test::kInMemory);
    for (const Product& product : products())
      std::filesystem::create_directories(made->path() + product.directory);
    return made;
  }();
  return *root;
}

// Every text and every time in it, and in what it holds.
void check_all(const google::protobuf::Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* const field : fields) {
    const int size = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
        const std::string text = field->is_repeated()
                                     ? reflection.GetRepeatedString(message, field, i)
                                     : reflection.GetString(message, field);
        check(muster::is_valid_utf8(text) && text.size() <= protection::kLongestText);
      } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
        check_all(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                       : reflection.GetMessage(message, field));
      }
    }
  }
  if (const auto* const time = dynamic_cast<const google::protobuf::Timestamp*>(&message)) {
    // 1971 to 9999.
    check(time->seconds() >= 31'536'000 && time->seconds() <= 253'402'300'799);
  }
}

bool is_unread(const v1::ProtectionProduct& product, std::string_view fact) {
  for (const v1::UnreadFact& unread : product.unread()) {
    if (unread.fact() == fact) return !unread.reason().empty();
  }
  return false;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t choice = data[0] / kProcesses.size();
  const Product& product = products()[choice % products().size()];
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  // Parts between bytes of 0x1e, for the questions and files one after the other.
  const auto next_part = [&bytes] {
    const std::string_view part = bytes.substr(0, bytes.find('\x1e'));
    bytes.remove_prefix(std::min(part.size() + 1, bytes.size()));
    return std::string(part);
  };
  std::vector<answers::Answer> given{
      {"processes", answers::Outcome::kAnswered, 0, kProcesses[data[0] % kProcesses.size()], ""}};
  for (const std::string& question : product.questions)
    given.push_back({question, answers::Outcome::kAnswered, 0, next_part(), ""});
  for (const std::string& file : product.files)
    host().write(file, next_part());
  const muster::probe::HostAnswers answered(given);
  std::vector<std::string> problems;
  auto facts = product.read({.root = host().path(),
                             .answers = answered,
                             .now = *muster::parse_iso8601("2026-11-22T12:00:00Z"),
                             .problems = problems});
  check(facts && problems.empty());
  protection::bound(*facts);
  check_all(*facts);
  check(facts->unread_size() < protection::kMostUnread);
  check(facts->mode() != v1::PROTECTION_MODE_UNSPECIFIED || is_unread(*facts, "mode"));
  check(facts->running() != v1::ANSWER_UNSPECIFIED || is_unread(*facts, "running"));
  check(facts->real_time() != v1::ANSWER_UNSPECIFIED || is_unread(*facts, "real_time"));
  check(!facts->version().empty() || is_unread(*facts, "version"));
  check(facts->real_time() != v1::ANSWER_YES || facts->running() == v1::ANSWER_YES);
  check(facts->mode() != v1::PROTECTION_MODE_ACTIVE || facts->running() == v1::ANSWER_YES);
  return 0;
}
