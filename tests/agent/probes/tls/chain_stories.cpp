#include "tests/agent/probes/tls/chain_stories.h"

#include <openssl/x509v3.h>

#include <utility>

#include "tests/agent/probes/tls/test_pki.h"
#include "tests/common/certificate_maker.h"

namespace muster::tls::test {
namespace {

using Chain = std::vector<const Identity*>;

// What most stories are about.
struct World {
  Identity root = make_authority("Example Root");
  Identity other_root = make_authority("Other Root");
  Identity issuing = make_authority("Example Issuing 1", &root);
  Identity second = make_authority("Example Issuing 2", &issuing);
  Identity leaf = make_leaf("www.example.org", issuing);
  Identity deep_leaf = make_leaf("deep.example.org", second);
  std::vector<ChainStory> stories;

  ChainStory& add(std::string name, const Chain& served, const Chain& store) {
    return stories.emplace_back(
        ChainStory{.name = std::move(name), .served = ders_of(served), .store = pems_of(store)});
  }
  void good(std::string name, const Chain& served, const Chain& store, bool misordered = false) {
    add(std::move(name), served, store).misordered = misordered;
  }
  ChainStory& bad(std::string name, const Chain& served, const Chain& store, v1::ChainTrust trust,
                  std::string detail) {
    ChainStory& story = add(std::move(name), served, store);
    story.trust = trust;
    story.detail = std::move(detail);
    return story;
  }
};

void add_orders(World& w) {
  const Identity unrelated = make_authority("Unrelated");
  w.good("one authority between", {&w.leaf, &w.issuing}, {&w.root});
  w.good("two authorities between", {&w.deep_leaf, &w.second, &w.issuing}, {&w.root});
  w.good("the root is served too", {&w.leaf, &w.issuing, &w.root}, {&w.other_root, &w.root});
  w.good("the wrong way round", {&w.deep_leaf, &w.issuing, &w.second}, {&w.root}, true);
  w.good("the root before the authority", {&w.leaf, &w.root, &w.issuing}, {&w.root}, true);
  w.good("something else between", {&w.leaf, &unrelated, &w.issuing}, {&w.root}, true);
  w.good("something else at the end", {&w.leaf, &w.issuing, &unrelated}, {&w.root});
  w.good("the leaf twice", {&w.leaf, &w.leaf, &w.issuing}, {&w.root}, true);
  Chain sixteen(16, &w.issuing);
  sixteen.front() = &w.leaf;
  w.good("one authority fifteen times", sixteen, {&w.root});
}

void add_kinds(World& w) {
  const Identity direct = make_leaf("direct.example.org", w.root);
  w.good("by the root itself", {&direct}, {&w.root});
  const Identity alone = make_identity({.name = "alone.example.org"});
  w.good("the leaf is in the store", {&alone}, {&alone});
  IdentitySpec expired{.name = "Expired Issuing",
                       .extensions = {{NID_basic_constraints, "critical,CA:TRUE"}},
                       .from = -90,
                       .until = -1};
  const Identity old = make_identity(expired, &w.root);
  const Identity of_old = make_leaf("old.example.org", old);
  w.good("an expired authority: dates do not count", {&of_old, &old}, {&w.root});
  expired.from = 10;
  expired.until = 20;
  const Identity early = make_identity(expired, &w.root);
  const Identity of_early = make_leaf("early.example.org", early);
  w.good("an authority of tomorrow", {&of_early, &early}, {&w.root});
  const EvpPkeyPtr rsa = muster::test::make_rsa_key(1024);
  IdentitySpec weak{.name = "weak.example.org", .key = rsa.get(), .digest = EVP_sha1()};
  const Identity weak_leaf = make_identity(weak, &w.root);
  w.good("a weak key, signed by way of SHA-1: for the rules", {&weak_leaf}, {&w.root});
  const EvpPkeyPtr ed25519 = muster::test::make_ed25519_key();
  IdentitySpec modern{.name = "Ed25519 Root",
                      .extensions = {{NID_basic_constraints, "critical,CA:TRUE"}},
                      .key = ed25519.get()};
  const Identity modern_root = make_identity(modern);
  const Identity modern_leaf = make_leaf("ed.example.org", modern_root);
  w.good("signed by Ed25519", {&modern_leaf}, {&modern_root});
  const Identity first_version = make_identity({.name = "V1 Root", .version = X509_VERSION_1});
  const Identity of_v1 = make_leaf("v1.example.org", first_version);
  w.good("a root of version 1", {&of_v1}, {&first_version});
  const Identity client = make_leaf("client", w.root, {{NID_ext_key_usage, "clientAuth"}});
  w.good("a leaf for clients: told apart", {&client}, {&w.root});
}

void add_names(World& w) {
  IdentitySpec written{.name = "Written Root",
                       .extensions = {{NID_basic_constraints, "critical,CA:TRUE"}},
                       .name_type = V_ASN1_PRINTABLESTRING};
  const Identity printable = make_identity(written);
  written.key = printable.key.get();
  written.name = "WRITTEN  root";
  written.name_type = V_ASN1_UTF8STRING;
  const Identity as_utf8 = make_identity(written);
  const Identity leaf = make_leaf("written.example.org", as_utf8);
  w.good("the issuer's name in other capitals and another type", {&leaf}, {&printable});
  const Identity only = make_authority(
      "Constrained", &w.root, {{NID_name_constraints, "critical,permitted;DNS:example.org"}});
  const Identity inside = make_leaf("a.example.org", only);
  const Identity outside = make_leaf("a.example.net", only);
  w.good("within the constraints of its authority", {&inside, &only}, {&w.root});
  w.bad("outside of the constraints of its authority", {&outside, &only}, {&w.root},
        v1::CHAIN_TRUST_BROKEN,
        "the name constraints of an authority do not let it sign CN=a.example.net: permitted "
        "subtree violation");
  w.bad("outside of them, and of an unknown root", {&outside, &only, &w.root}, {&w.other_root},
        v1::CHAIN_TRUST_BROKEN,
        "the name constraints of an authority do not let it sign CN=a.example.net: permitted "
        "subtree violation");
}

void add_crossed(World& w) {
  const Identity old_root = make_authority("Old Root");
  const Identity crossed = cross_signed(w.root, old_root);
  w.good("cross-signed: by the new root", {&w.leaf, &w.issuing, &crossed}, {&w.root});
  w.good("cross-signed: by the old root", {&w.leaf, &w.issuing, &crossed}, {&old_root});
  w.good("cross-signed: both are known", {&w.leaf, &w.issuing, &crossed}, {&old_root, &w.root});
  w.good("cross-signed: the root's two are served", {&w.leaf, &w.issuing, &crossed, &w.root},
         {&w.root});
  const Identity two_ways = cross_signed(w.issuing, old_root);
  w.good("an authority of two roots: the first served is of the known one",
         {&w.leaf, &w.issuing, &two_ways}, {&w.root});
  ChainStory& unknown_first =
      w.add("an authority of two roots: the first served is of the unknown one",
            {&w.leaf, &two_ways, &w.issuing}, {&w.root});
  unknown_first.misordered = true;
  unknown_first.openssl_differs = true;
  // Without key ids nothing but the signature tells which one it is.
  IdentitySpec nameless{.name = "Twin Root",
                        .extensions = {{NID_basic_constraints, "critical,CA:TRUE"}},
                        .key_ids = false};
  const Identity twin = make_identity(nameless);
  const Identity other_twin = make_identity(nameless);
  const Identity of_twin =
      make_identity({.name = "twin.example.org", .key_ids = false}, &other_twin);
  w.add("two roots of one name", {&of_twin}, {&twin, &other_twin}).openssl_differs = true;
  nameless.name = "Twin Issuing";
  const Identity issuing = make_identity(nameless, &w.root);
  const Identity other_issuing = make_identity(nameless, &w.root);
  const Identity leaf =
      make_identity({.name = "twin2.example.org", .key_ids = false}, &other_issuing);
  ChainStory& twins =
      w.add("two authorities of one name", {&leaf, &issuing, &other_issuing}, {&w.root});
  twins.misordered = true;
  twins.openssl_differs = true;
}

void add_ends(World& w) {
  const Identity alone = make_identity({.name = "alone.example.org"});
  w.bad("self-signed", {&alone}, {&w.root}, v1::CHAIN_TRUST_SELF_SIGNED,
        "CN=alone.example.org has signed itself");
  w.bad("its authority is missing", {&w.leaf}, {&w.root}, v1::CHAIN_TRUST_INCOMPLETE,
        "the issuer CN=Example Issuing 1 was not served");
  w.bad("its authority is missing, its root is there", {&w.leaf, &w.root}, {&w.root},
        v1::CHAIN_TRUST_INCOMPLETE, "the issuer CN=Example Issuing 1 was not served");
  w.bad("one of two is missing", {&w.deep_leaf, &w.second}, {&w.root}, v1::CHAIN_TRUST_INCOMPLETE,
        "the issuer CN=Example Issuing 1 was not served");
  const Identity says_where =
      make_leaf("aia.example.org", w.issuing,
                {{NID_info_access, "caIssuers;URI:http://ca.example.org/issuing1.cer"}});
  w.bad("missing, and it says where it is", {&says_where}, {&w.root}, v1::CHAIN_TRUST_INCOMPLETE,
        "the issuer CN=Example Issuing 1 was not served; it can be had at "
        "http://ca.example.org/issuing1.cer");
  w.bad("of an unknown root that is not served", {&w.leaf, &w.issuing}, {&w.other_root},
        v1::CHAIN_TRUST_INCOMPLETE, "the issuer CN=Example Root was not served");
  w.bad("of an unknown root that is served", {&w.leaf, &w.issuing, &w.root}, {&w.other_root},
        v1::CHAIN_TRUST_UNTRUSTED_ROOT,
        "it ends in CN=Example Root, which this host does not trust");
  w.bad("the store knows only the authority between", {&w.leaf}, {&w.issuing},
        v1::CHAIN_TRUST_INCOMPLETE, "the issuer CN=Example Root was not served");
  const Identity renewed = make_authority("Example Issuing 1", &w.root);
  w.bad("an authority of that name with another key", {&w.leaf, &renewed}, {&w.root},
        v1::CHAIN_TRUST_INCOMPLETE,
        "the issuer CN=Example Issuing 1 was not served, only one of that name with another key");
}

void add_faults(World& w) {
  Identity forged = make_leaf("forged.example.org", w.issuing);
  X509_sign(forged.certificate.get(), w.other_root.key.get(), EVP_sha256());
  w.bad("another's signature", {&forged, &w.issuing}, {&w.root}, v1::CHAIN_TRUST_BROKEN,
        "CN=forged.example.org names CN=Example Issuing 1 as its issuer, whose signature it does "
        "not have");
  Identity self = make_identity({.name = "self.example.org"});
  X509_sign(self.certificate.get(), w.root.key.get(), EVP_sha256());
  w.bad("self-signed by somebody else", {&self}, {&w.root}, v1::CHAIN_TRUST_BROKEN,
        "CN=self.example.org names itself as its issuer, and its signature is not its own");
  const Identity by_leaf = make_leaf("below.example.org", w.leaf);
  w.bad("signed by a leaf", {&by_leaf, &w.leaf, &w.issuing}, {&w.root}, v1::CHAIN_TRUST_BROKEN,
        "CN=www.example.org is not an authority, and has signed another certificate");
  const Identity last = make_authority("Last Issuing", &w.root,
                                       {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"}});
  const Identity below = make_authority("Below Last", &last);
  const Identity too_deep = make_leaf("deep.example.org", below);
  const Identity not_deep = make_leaf("here.example.org", last);
  w.good("as deep as its authority allows", {&not_deep, &last}, {&w.root});
  w.bad("deeper than its authority allows", {&too_deep, &below, &last}, {&w.root},
        v1::CHAIN_TRUST_BROKEN,
        "there are more authorities below CN=Last Issuing than its path length allows");
  const Identity strange =
      make_leaf("strange.example.org", w.root, {{NID_netscape_comment, "critical,what is it"}});
  w.bad("a critical extension that nobody knows", {&strange}, {&w.root}, v1::CHAIN_TRUST_BROKEN,
        "CN=strange.example.org has a critical extension that is not known here");
  const Identity lists_only =
      make_authority("Lists Only", &w.root, {{NID_key_usage, "critical,cRLSign"}});
  const Identity of_lists = make_leaf("lists.example.org", lists_only);
  w.bad("an authority for lists alone", {&of_lists, &lists_only}, {&w.root}, v1::CHAIN_TRUST_BROKEN,
        "CN=Lists Only may not sign certificates by its key usage, and did");
  const Identity for_mail =
      make_authority("Mail Issuing", &w.root, {{NID_ext_key_usage, "emailProtection"}});
  const Identity of_mail = make_leaf("mail.example.org", for_mail);
  w.bad("an authority for mail alone", {&of_mail, &for_mail}, {&w.root}, v1::CHAIN_TRUST_BROKEN,
        "CN=Mail Issuing is an authority for other purposes than servers")
      .openssl_differs = true;
  const Identity circle = make_authority("Circle A");
  const Identity circle_b = make_authority("Circle B", &circle);
  const Identity circle_a = cross_signed(circle, circle_b);
  const Identity of_circle = make_leaf("circle.example.org", circle_a);
  w.bad("authorities that signed each other", {&of_circle, &circle_a, &circle_b}, {&w.root},
        v1::CHAIN_TRUST_BROKEN,
        "its certificates have signed each other in a circle, by way of CN=Circle A");
}

}  // namespace

std::vector<ChainStory> chain_stories() {
  World world;
  for (void (*const add)(World&) :
       {&add_orders, &add_kinds, &add_names, &add_crossed, &add_ends, &add_faults}) {
    add(world);
  }
  return std::move(world.stories);
}

}  // namespace muster::tls::test
