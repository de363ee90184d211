#include "agent/probes/certificates/certificate_look.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <string>
#include <vector>

#include "tests/agent/probes/test_root.h"
#include "tests/common/certificate_maker.h"

namespace muster {
namespace {

using test::TestRoot;
using test::WithoutRights;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Settings {
  std::vector<std::string> paths = {};
  std::vector<std::string> default_paths = {};
};

v1::Section look(const TestRoot& root, const Settings& settings, const SearchLimits& limits = {},
                 const CollectionLimits& collection = {}) {
  v1::ProbeRequest request;
  request.set_root(root.path());
  for (const auto& [name, values] :
       {std::pair{"paths", settings.paths}, std::pair{"default_paths", settings.default_paths}}) {
    v1::ProbeSetting& setting = *request.add_settings();
    setting.set_name(name);
    setting.mutable_values()->Assign(values.begin(), values.end());
  }
  return look_at_certificates(request, limits, collection);
}

v1::CertificateFacts facts_of(const v1::Section& section) {
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  EXPECT_EQ(section.facts_type(), "muster.v1.CertificateFacts");
  v1::CertificateFacts facts;
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}

// "/path" of a file that was read in whole, "/path: why" of another.
template <typename File>
std::vector<std::string> lines_of(const google::protobuf::RepeatedPtrField<File>& files) {
  std::vector<std::string> lines;
  for (const File& file : files)
    lines.push_back(file.error().empty() ? file.path() : file.path() + ": " + file.error());
  return lines;
}

class CertificateProbe : public testing::Test {
 protected:
  std::vector<std::string> files(const Settings& settings = {}, const SearchLimits& limits = {}) {
    return lines_of(facts_of(look(root_, settings, limits)).files());
  }
  std::vector<std::string> keys(const Settings& settings = {}) {
    return lines_of(facts_of(look(root_, settings)).keys());
  }
  std::vector<std::string> problems(const Settings& settings = {},
                                    const SearchLimits& limits = {}) {
    return lines_of(facts_of(look(root_, settings, limits)).unreadable_directories());
  }

  const TestRoot root_;
  const EvpPkeyPtr key_ = test::make_key();
  const std::string pem_ = test::certificate_pem(test::self_signed({}, key_.get()).get());
  const std::string key_pem_ = test::key_pem(key_.get());
};

TEST_F(CertificateProbe, ReportsNoneWhereThereIsNone) {
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(CertificateProbe, LooksAtEveryUsualPlace) {
  for (const std::string place :
       {"/etc/ssl/private", "/etc/letsencrypt/live", "/etc/nginx", "/etc/apache2", "/etc/postfix",
        "/etc/dovecot", "/etc/ldap", "/etc/postgresql", "/etc/pki/tls", "/etc/kubernetes",
        "/var/lib/kubelet/pki"}) {
    root_.write(place + "/sub/a.pem", pem_);
  }
  EXPECT_THAT(files(), SizeIs(11));
  EXPECT_THAT(files({.default_paths = {"false"}}), IsEmpty());
  EXPECT_THAT(files({.default_paths = {"true"}}), SizeIs(11));
}

TEST_F(CertificateProbe, AddsTheConfiguredPathsToTheUsualOnes) {
  root_.write("/etc/nginx/a.pem", pem_);
  root_.write("/srv/app/tls/b.pem", pem_);
  EXPECT_THAT(files({.paths = {"/srv/app/tls"}}),
              ElementsAre("/etc/nginx/a.pem", "/srv/app/tls/b.pem"));
  EXPECT_THAT(files({.paths = {"/srv/app/tls"}, .default_paths = {"false"}}),
              ElementsAre("/srv/app/tls/b.pem"));
}

TEST_F(CertificateProbe, DecidesByContentWhatIsACertificateFile) {
  root_.write("/etc/nginx/nginx.conf", "server { ssl_certificate a.pem; }\n");
  root_.write("/etc/nginx/client.ovpn", "<ca>\n" + pem_ + "</ca>\n");
  root_.write("/etc/nginx/no_suffix", pem_);
  root_.write("/etc/nginx/server.key", key_pem_);
  root_.write("/etc/nginx/server-key.pem", key_pem_);
  root_.write("/etc/nginx/dhparam.pem", "-----BEGIN DH PARAMETERS-----\nMII=\n");
  root_.write("/etc/nginx/site.der",
              test::certificate_der(test::self_signed({}, key_.get()).get()));
  EXPECT_THAT(files(),
              ElementsAre("/etc/nginx/client.ovpn", "/etc/nginx/no_suffix", "/etc/nginx/site.der"));
  EXPECT_THAT(keys(), ElementsAre("/etc/nginx/server-key.pem", "/etc/nginx/server.key"));
}

TEST_F(CertificateProbe, MakesABrokenFileAnEntryWithItsError) {
  root_.write("/etc/nginx/broken.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n");
  root_.write("/etc/nginx/empty.pem", "");
  root_.write("/etc/nginx/text.cer", "see the wiki");
  root_.link("/etc/nginx/dangling.pem", "/gone/away.pem");
  EXPECT_THAT(
      files(),
      ElementsAre(HasSubstr("/etc/nginx/broken.crt: certificate 1: its END line is missing"),
                  "/etc/nginx/dangling.pem: No such file or directory: the link leads to a file "
                  "that is missing",
                  "/etc/nginx/empty.pem: it is empty",
                  "/etc/nginx/text.cer: it holds no certificate: it is neither PEM nor "
                  "DER"));
}

TEST_F(CertificateProbe, MakesAnUnreadableFileAnEntryUnlessItIsNamedAKey) {
  for (const std::string name : {"site.pem", "privkey.pem", "site.key", "secret.conf"}) {
    root_.write("/etc/nginx/" + name, pem_);
    root_.set_mode("/etc/nginx/" + name, 0);
  }
  const WithoutRights user;
  const std::string denied =
      ": Permission denied: run the probe as root, or give its user's group "
      "the right to read it; where a link led there, name it in the setting paths";
  EXPECT_THAT(files(), ElementsAre("/etc/nginx/site.pem" + denied));
  EXPECT_THAT(keys(),
              ElementsAre("/etc/nginx/privkey.pem" + denied, "/etc/nginx/site.key" + denied));
  EXPECT_THAT(files({.paths = {"/etc/nginx/site.key"}}),
              ElementsAre("/etc/nginx/site.key" + denied, "/etc/nginx/site.pem" + denied));
}

TEST_F(CertificateProbe, ReportsTheDirectoriesItCannotList) {
  root_.write("/etc/ssl/private/a.pem", pem_);
  root_.set_mode("/etc/ssl/private", 0711);
  root_.write("/etc/nginx/hidden/b.pem", pem_);
  root_.set_mode("/etc/nginx/hidden", 0);
  root_.write("/etc/postfix/c.pem", pem_);
  root_.set_mode("/etc/postfix", 0744);  // can be listed, but not looked into
  root_.write("/srv/one/d.pem", pem_);
  root_.set_mode("/srv", 0711);
  {
    const WithoutRights user;
    EXPECT_THAT(files({.paths = {"/srv/*/d.pem"}}), IsEmpty());
    EXPECT_THAT(problems({.paths = {"/srv/*/d.pem"}}),
                ElementsAre(HasSubstr("/etc/nginx/hidden: Permission denied"),
                            HasSubstr("/etc/postfix: Permission denied"),
                            HasSubstr("/etc/ssl/private: Permission denied"),
                            HasSubstr("/srv: Permission denied")));
  }
  root_.set_mode("/etc/nginx/hidden", 0755);
}

TEST_F(CertificateProbe, ReportsTheLinkThatWasFoundAndFollowsItInsideTheRoot) {
  root_.write("/etc/letsencrypt/archive/example.org/fullchain3.pem", pem_);
  root_.link("/etc/letsencrypt/live/example.org/fullchain.pem",
             "../../archive/example.org/fullchain3.pem");
  // An absolute link, and one that climbs out: both stay inside the root.
  root_.link("/etc/nginx/absolute.pem", "/etc/letsencrypt/archive/example.org/fullchain3.pem");
  root_.link("/etc/nginx/climbing.pem",
             "../../../../../../../../etc/letsencrypt/archive/example.org/fullchain3.pem");
  root_.link("/etc/nginx/directory", "/etc/letsencrypt/archive/example.org");
  EXPECT_THAT(files(), ElementsAre("/etc/letsencrypt/live/example.org/fullchain.pem",
                                   "/etc/nginx/absolute.pem", "/etc/nginx/climbing.pem",
                                   "/etc/nginx/directory/fullchain3.pem"));
}

TEST_F(CertificateProbe, ComesBackFromLinksThatTurnInCircles) {
  root_.write("/etc/nginx/a.pem", pem_);
  root_.link("/etc/nginx/up", "..");
  root_.link("/etc/nginx/self", "self");
  root_.link("/etc/nginx/loop.pem", "loop.pem");
  root_.link("/etc/nginx/deeper/back", "/etc/nginx");
  EXPECT_THAT(files(), ElementsAre("/etc/nginx/a.pem",
                                   "/etc/nginx/loop.pem: Too many levels of symbolic links"));
}

TEST_F(CertificateProbe, ReportsAPathOnceHoweverOftenItIsFound) {
  root_.write("/etc/nginx/a.pem", pem_);
  EXPECT_THAT(files({.paths = {"/etc/nginx/a.pem", "/etc//nginx/", "/etc/nginx/*.pem"}}),
              ElementsAre("/etc/nginx/a.pem"));
}

TEST_F(CertificateProbe, PassesOverTrustStoresUnlessTheyAreAskedFor) {
  root_.write("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", pem_);
  root_.link("/etc/pki/tls/cert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem");
  root_.link("/etc/pki/tls/certs/ca-bundle.crt",
             "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem");
  root_.link("/etc/nginx/roots.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem");
  root_.write("/etc/pki/tls/certs/localhost.crt", pem_);
  EXPECT_THAT(files(), ElementsAre("/etc/pki/tls/certs/localhost.crt"));
  EXPECT_THAT(files({.paths = {"/etc/pki/tls/cert.pem"}, .default_paths = {"false"}}),
              ElementsAre("/etc/pki/tls/cert.pem"));
}

TEST_F(CertificateProbe, ExpandsGlobsInsideTheRoot) {
  root_.write("/srv/a/tls/site.pem", pem_);
  root_.write("/srv/b/tls/site.pem", pem_);
  root_.write("/srv/b/tls/key.pem", key_pem_);
  root_.write("/srv/c/other/site.pem", pem_);
  root_.write("/srv/.hidden/tls/site.pem", pem_);
  root_.write("/srv/a/we[i]rd.pem", pem_);
  const auto found = [this](const std::string& pattern) {
    return files({.paths = {pattern}, .default_paths = {"false"}});
  };
  EXPECT_THAT(found("/srv/*/tls/*.pem"), ElementsAre("/srv/a/tls/site.pem", "/srv/b/tls/site.pem"));
  EXPECT_THAT(found("/srv/[bc]"), ElementsAre("/srv/b/tls/site.pem", "/srv/c/other/site.pem"));
  EXPECT_THAT(found("/s?v/a/tls"), ElementsAre("/srv/a/tls/site.pem"));
  EXPECT_THAT(found("/srv/a/we[i]rd.pem"), ElementsAre("/srv/a/we[i]rd.pem"));
  EXPECT_THAT(found("/srv/*/nothing/*.pem"), IsEmpty());
  EXPECT_THAT(found("/*/*/*/*.pem"), SizeIs(3));
}

TEST_F(CertificateProbe, MakesAFileThatWasNamedAnEntryWhateverItIs) {
  root_.write("/srv/dhparam.pem", "-----BEGIN DH PARAMETERS-----\nMII=\n");
  root_.write("/srv/crl.pem", "-----BEGIN X509 CRL-----\nMII=\n");
  ::mkfifo((root_.path() + "/srv/fifo").c_str(), 0600);
  EXPECT_THAT(
      files({.paths = {"/srv/dhparam.pem", "/srv/crl.pem", "/srv/gone.pem", "/srv/fifo"}}),
      ElementsAre("/srv/crl.pem: revocation list 1: its END line is missing, it seems to be cut "
                  "off",
                  "/srv/dhparam.pem: it holds a key, parameters or a request, and no certificate",
                  "/srv/fifo: it is not a regular file",
                  "/srv/gone.pem: No such file or directory: restore it, or take it out of the "
                  "setting paths"));
}

TEST_F(CertificateProbe, ReportsWhenAFileWasChanged) {
  root_.write("/etc/nginx/a.pem", pem_);
  const timespec times[] = {{0, 0}, {1767225600, 500}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (root_.path() + "/etc/nginx/a.pem").c_str(), times, 0), 0);
  const v1::CertificateFacts facts = facts_of(look(root_, {}));
  ASSERT_EQ(facts.files_size(), 1);
  EXPECT_EQ(facts.files(0).modified_at().seconds(), 1767225600);
  EXPECT_EQ(facts.files(0).modified_at().nanos(), 500);
}

TEST_F(CertificateProbe, RepairsPathsThatAreNotUtf8) {
  root_.write("/etc/nginx/b\xFCro.pem", pem_);
  EXPECT_THAT(files(), ElementsAre("/etc/nginx/b\xEF\xBF\xBDro.pem"));
}

TEST_F(CertificateProbe, BoundsThePathsItReports) {
  const std::string path = "/" + std::string(5000, 'x');
  EXPECT_THAT(files({.paths = {path}}),
              ElementsAre(path.substr(0, 4093) + "\xE2\x80\xA6: File name too long"));
}

TEST_F(CertificateProbe, BoundsTheSizeOfAFile) {
  const std::string limit(size_t{1} << 20, '#');
  root_.write("/etc/nginx/fits.pem", limit.substr(pem_.size() + 1) + "\n" + pem_);
  root_.write("/etc/nginx/large.pem", limit + pem_);
  root_.write("/etc/nginx/large.log", limit + pem_);
  EXPECT_THAT(files(), ElementsAre("/etc/nginx/fits.pem",
                                   "/etc/nginx/large.pem: it is larger than the limit of 1048576 "
                                   "bytes"));
}

TEST_F(CertificateProbe, BoundsTheDepth) {
  std::string place = "/etc/nginx";
  for (int i = 2; i <= 10; ++i)
    place += "/d";
  root_.write(place + "/fits.pem", pem_);
  root_.write(place + "/e/deep.pem", pem_);
  EXPECT_THAT(files(), ElementsAre(place + "/fits.pem"));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr(place + "/e: it lies deeper than 10 directories")));
}

TEST_F(CertificateProbe, BoundsTheNamesItLooksAt) {
  for (int i = 0; i < 20; ++i)
    root_.write(fmt::format("/etc/nginx/{:02}/a.pem", i), pem_);
  EXPECT_THAT(files({}, {.names = 40}), SizeIs(20));
  EXPECT_THAT(files({}, {.names = 39}), SizeIs(19));
  EXPECT_THAT(problems({}, {.names = 39}),
              ElementsAre(HasSubstr("/etc/nginx/19/a.pem: more than 39 names were looked at")));
  EXPECT_THAT(problems({}, {.names = 19}), ElementsAre("/etc/nginx: it holds more than 19 names"));
  // A glob's names count as well: /etc has 1, /etc/nginx 20.
  EXPECT_THAT(problems({.paths = {"/etc/*/*/a.pem"}}, {.names = 20}),
              ElementsAre(HasSubstr("/etc/nginx/19: more than 20 names were looked at")));
}

TEST_F(CertificateProbe, PrefersWhatWasAskedForWhereSomethingHasToBeLeftOut) {
  root_.write("/etc/nginx/usual.pem", pem_);
  root_.write("/srv/asked.pem", pem_);
  const v1::CertificateFacts facts =
      facts_of(look(root_, {.paths = {"/srv"}}, {}, {.files = 1, .bytes = 1 << 20, .problems = 8}));
  EXPECT_THAT(lines_of(facts.files()), ElementsAre("/srv/asked.pem"));
  EXPECT_EQ(facts.files_omitted(), 1U);
}

TEST_F(CertificateProbe, RefusesSettingsThatItCannotUnderstand) {
  struct Case {
    Settings settings;
    std::string reason;
  };
  const Case cases[] = {
      {{.paths = {"relative.pem"}},
       "the setting paths has 'relative.pem': it must be an absolute path or glob"},
      {{.paths = {""}}, "the setting paths has '': it must be an absolute path or glob"},
      {{.paths = {std::string("/a\0b", 4)}},
       "the setting paths has '/a\\x00b': it must be an absolute path or glob"},
      {{.default_paths = {"no"}}, "the setting default_paths must be true or false, not 'no'"},
      {{.default_paths = {"true", "false"}},
       "the setting default_paths must be true or false, not 'false'"},
      {{.paths = std::vector<std::string>(257, "/etc")},
       "the setting paths has 257 values: at most 256 are looked at; use a directory or a glob"},
  };
  for (const Case& c : cases) {
    const v1::Section section = look(root_, c.settings);
    EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
    EXPECT_EQ(section.reason(), c.reason);
  }
}

TEST_F(CertificateProbe, FailsWhereTheRootIsMissing) {
  v1::ProbeRequest request;
  request.set_root(root_.path() + "/gone");
  const v1::Section section = look_at_certificates(request);
  EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(section.reason(), HasSubstr("/gone is not a directory"));
}

}  // namespace
}  // namespace muster
