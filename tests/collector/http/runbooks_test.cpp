#include "collector/http/runbooks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "common/files.h"

namespace muster::collector::http {
namespace {

TEST(Runbooks, AreThePagesOfTheDocumentation) {
  size_t pages = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(MUSTER_SOURCE_DIRECTORY "/docs/runbooks")) {
    const std::string alert = file.path().stem();
    const Runbook* const found = find_runbook(alert);
    ASSERT_NE(found, nullptr) << alert;
    EXPECT_EQ(found->text, read_file(file.path(), size_t{1} << 16).value()) << alert;
    ++pages;
  }
  EXPECT_EQ(runbooks().size(), pages);
  EXPECT_TRUE(std::ranges::is_sorted(runbooks(), {}, &Runbook::alert));
}

// At three in the morning nobody translates apt into another manager's words.
TEST(Runbooks, AboutUpdatesSayWhatToTypeWithEveryPackageManager) {
  for (const char* alert :
       {"MusterAutomaticUpdatesOff", "MusterPackageListsOld", "MusterSecurityUpdatesDue",
        "MusterSecurityUpdatesHeld", "MusterSecurityUpdatesOverdue"}) {
    const Runbook* const page = find_runbook(alert);
    ASSERT_NE(page, nullptr) << alert;
    for (const char* command : {"apt-get ", "apk ", "dnf", "zypper"})
      EXPECT_THAT(page->text, testing::HasSubstr(command)) << alert;
  }
  EXPECT_THAT(find_runbook("MusterPackagesBroken")->text, testing::HasSubstr("`apk fix`"));
  EXPECT_THAT(find_runbook("MusterRebootPending")->text,
              testing::HasSubstr("\n    zypper needs-rebooting\n"));
}

TEST(Runbooks, AreFoundByTheWholeNameOnly) {
  EXPECT_NE(find_runbook("MusterHostSilent"), nullptr);
  for (const char* name :
       {"", "MusterHostSilen", "MusterHostSilentt", "musterhostsilent", "../x"}) {
    EXPECT_EQ(find_runbook(name), nullptr) << name;
  }
}

TEST(Runbooks, AreListedByThePathsThatShowThem) {
  EXPECT_THAT(render_runbook_list(), testing::HasSubstr("\n/runbooks/MusterHostSilent\n"));
}

}  // namespace
}  // namespace muster::collector::http
