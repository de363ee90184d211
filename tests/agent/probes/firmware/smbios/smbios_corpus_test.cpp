// The reference corpus of SMBIOS tables, with what another reader tells of each. It is not part of
// the repository; it lies in $MUSTER_CORPUS/smbios, or beside the checkout in shared/corpus/smbios.
// tests/run shows the score that this prints.
#include <gtest/gtest.h>

#include <boost/json/src.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/host/hardware_identity.h"
#include "tests/agent/probes/firmware/smbios/dmidecode_comparison.h"
#include "tests/agent/probes/firmware/smbios/smbios_builder.h"

namespace muster::smbios {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string text_of(const json::value& value, std::string_view group, std::string_view name) {
  return std::string(value.at(group).at(name).as_string());
}

// Most files are the table alone; its version is the one that their answer says.
std::string dump_of(const std::string& file, const json::value& answer) {
  if (file.starts_with("_SM")) return file;
  const json::value& version = answer.at("Version");
  return test::dump_of(file, static_cast<uint8_t>(version.at("Major").as_int64()),
                       static_cast<uint8_t>(version.at("Minor").as_int64()));
}

// The answers leave out some of what makers did not fill in, as clean_identity does.
bool is_right(const std::string& told, const std::string& answer) {
  return told == answer || (answer.empty() && clean_identity(told).empty());
}

TEST(SmbiosCorpus, IsReadRightAndAsDmidecodeReadsIt) {
  const char* configured = std::getenv("MUSTER_CORPUS");
  const fs::path corpus =
      (configured != nullptr ? fs::path(configured)
                             : fs::path(MUSTER_SOURCE_DIRECTORY) / ".." / "shared" / "corpus") /
      "smbios";
  if (!fs::exists(corpus)) {
    // A corpus that was asked for and is not there is a mistake; one beside the checkout is a gift.
    ASSERT_EQ(configured, nullptr) << "MUSTER_CORPUS has no smbios";
    std::printf("smbios corpus: the score was not taken, there is no %s\n", corpus.c_str());
    return;
  }
  size_t tables = 0;
  size_t right = 0;
  size_t same = 0;
  for (const auto& entry : fs::directory_iterator(corpus)) {
    if (entry.path().extension() != ".dmi") continue;
    SCOPED_TRACE(entry.path().filename().string());
    const json::value answer = json::parse(read(fs::path(entry.path()).replace_extension(".json")));
    const std::string dump = dump_of(read(entry.path()), answer);
    const Smbios found = *parse_dump(dump);
    ASSERT_TRUE(found.bios && found.system);
    // The reader that gave the answers did not find the BIOS of a dump with an entry point, which
    // dmidecode finds.
    const bool has_bios = !text_of(answer, "BIOSInformation", "Vendor").empty();
    EXPECT_TRUE(has_bios || entry.path().stem() == "Beelink-EQ12");
    const bool is_all_right =
        (!has_bios ||
         (is_right(found.bios->vendor, text_of(answer, "BIOSInformation", "Vendor")) &&
          is_right(found.bios->version, text_of(answer, "BIOSInformation", "Version")) &&
          is_right(found.bios->release_date, text_of(answer, "BIOSInformation", "ReleaseDate")))) &&
        is_right(found.system->product, text_of(answer, "SystemInformation", "ProductName")) &&
        is_right(found.system->serial, text_of(answer, "SystemInformation", "SerialNumber")) &&
        found.system->uuid == text_of(answer, "SystemInformation", "UUID");
    EXPECT_TRUE(is_all_right);
    ++tables;
    right += is_all_right ? 1 : 0;
    same += test::expect_as_dmidecode(dump);
  }
  EXPECT_GT(tables, 0u);
  std::printf("smbios corpus: %zu of %zu, and %zu fields as dmidecode tells them\n", right, tables,
              same);
}

// In a block of its very size: the sanitizers see a byte that is read behind it.
Smbios parse_exactly(std::string_view table) {
  const std::vector<char> block(table.begin(), table.end());
  return parse_table({block.data(), block.size()}, {3, 3});
}

// Cut anywhere, and with one byte of three wrong.
TEST(SmbiosCorpus, IsOutlivedWhenItIsDamaged) {
  // Behind these one machine has nothing that is read, at length.
  constexpr size_t kMost = 7000;
  const fs::path corpus = fs::path(MUSTER_SOURCE_DIRECTORY) / ".." / "shared" / "corpus" / "smbios";
  std::set<std::string> tables = {test::server_table()};
  if (fs::exists(corpus)) {
    for (const auto& entry : fs::directory_iterator(corpus)) {
      std::string table = read(entry.path());
      if (table.starts_with("_SM")) table.erase(0, 32);
      if (entry.path().extension() == ".dmi") tables.insert(table.substr(0, kMost));
    }
  }
  for (const std::string& table : tables) {
    for (size_t length = 0; length < table.size(); ++length)
      EXPECT_NE(parse_exactly(std::string_view(table).substr(0, length)).cut_short, "") << length;
    std::string damaged = table;
    for (size_t at = 0; at < table.size(); at += 3) {
      // Another value at each, the same in each run.
      damaged[at] = static_cast<char>(static_cast<size_t>(table[at]) + 1 + at * 37 % 255);
      static_cast<void>(parse_exactly(damaged));
      damaged[at] = table[at];
    }
  }
}

}  // namespace
}  // namespace muster::smbios
