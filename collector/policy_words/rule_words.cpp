#include "collector/policy_words/rule_words.h"

#include <array>

namespace muster::collector {
namespace {

constexpr std::array<RuleWords, 68> kWords{{
    {"security_updates",
     "Every pending update that closes security holes is installed within the deadline of its "
     "severity, counted from when the collector first saw an update of its "
     "source package wait.",
     "Install the updates on the host (apt upgrade, or what its package manager calls it), and "
     "free those that are held or kept back; the next look of the packages probe sees it. Where a "
     "repository does not tell which updates are for security, install all that it offers; what "
     "the configuration of the package manager excludes is seen once it does not."},
    {"package_lists_fresh",
     "The lists of available packages were refreshed not longer ago than lists_max_age: without "
     "that, \"no updates\" is an old answer.",
     "Refresh the lists on the host (apt-get update, or what its package manager calls it), and "
     "see why the timer that should do so (apt-daily.timer) does not."},
    {"held_security_updates",
     "No security update waits of a package that somebody holds at its version.",
     "Free the package (apt-mark unhold, dnf versionlock delete) and install the update; where it "
     "cannot be for now, a waiver says why and until when."},
    {"packages_whole", "Every package is fully installed and configured.",
     "End the installation that was interrupted (dpkg --configure -a, then apt-get -f install; dnf "
     "check), and see what stopped it: a full disk, or a script of the package."},
    {"packages_have_repository",
     "Not more than at_most installed packages are offered by no repository in any version: nobody "
     "mends those.",
     "Remove what is not needed (apt autoremove takes old kernels), and put the others into a "
     "repository that mends them."},
    {"repository_keys_valid",
     "Each repository is signed with a key that the package manager has and that has not ended; "
     "one "
     "good key of several is enough.",
     "Install the repository's new key where its owner says that it is, or take the repository "
     "out; a distribution's own come with its keyring package."},
    {"automatic_updates_on", "Something installs security updates without anybody.",
     "Install and switch on unattended-upgrades (apt) or dnf-automatic with apply_updates (dnf); "
     "the "
     "reason says which setting stands against it."},
    {"reboot_done",
     "What only a reboot brings into use runs: the newest installed kernel of the running one's "
     "flavour, the microcode, core libraries, and no program asks for a reboot. A live patch does "
     "not count as one.",
     "Restart the host. Where the package of the running kernel was removed or its facts are not "
     "known, the reason says so."},
    {"services_restarted",
     "No process runs a program or library that was replaced or removed since it was started.",
     "Restart each unit or container that the verdict names (systemctl restart); a user's session "
     "ends when the user logs out. Where not all could be read, let the agent's launcher run as "
     "root."},
    {"system_supported",
     "The distribution, and a kernel with an end of its own, get fixes for longer than "
     "warn_before. "
     "It is due within that time and fails at the end.",
     "Upgrade to a release that is supported, or subscribe to a programme that supports this one "
     "for longer."},
    {"firmware_baseline",
     "Every piece of firmware runs a version that the baselines of the policy allow: an approved "
     "one, or at least the minimum, and none that is forbidden.",
     "Update it to the version that the verdict names, and restart the machine where that waits "
     "already. Where the version is wrong and the firmware right, change the baseline."},
    {"firmware_covered",
     "A baseline says something of the firmware of the machine, its management controller, drives "
     "and adapters.",
     "Write an entry for the model that the verdict names (docs/baselines.md), or waive the "
     "subject."},
    {"firmware_activated", "No firmware has been installed and waits for the next start.",
     "Restart the machine, or reset the device, in its maintenance window."},
    {"firmware_updates",
     "No update of firmware is known to have failed, as UEFI remembers the last one of each piece.",
     "Do what the reason says (mains power, a version that fits), and install the update anew; "
     "fwupdmgr get-history tells what was tried."},
    {"microcode_uniform", "All processors of one kind in a machine run one revision of microcode.",
     "Restart the machine, so that all load the same at its start. Where they still differ, update "
     "the BIOS and the package of microcode, and see whether a processor was exchanged."},
    {"processor_vulnerabilities",
     "The kernel has done something against each weakness of the processors that it knows, but for "
     "those that `accepted` names.",
     "Install newer microcode and a newer kernel, and take mitigations=off and the like out of its "
     "command line; in a virtual machine, have its host give it what the kernel misses. Name in "
     "`accepted` what the site puts up with."},
    {"secure_boot",
     "The firmware starts signed programs alone (Secure Boot). Where it does not, that is unmet if "
     "`required` is true, and else nothing is judged.",
     "Switch Secure Boot on in the setup of the firmware, after its keys are there and everything "
     "that starts is signed: mokutil --sb-state tells, and modules of one's own need a key in "
     "MOK."},
    {"firmware_upgrades",
     "No device waits for newer firmware whose maker finds it urgent: critical, or what `urgency` "
     "names, as fwupd knows it. Metadata older than `metadata_max_age` tell of nothing newer.",
     "Install it in the machine's maintenance window (fwupdmgr upgrade), and restart where fwupd "
     "asks for it; fetch metadata anew with fwupdmgr refresh, or fwupd-refresh.timer."},
    {"arrays_redundant",
     "What the system keeps more than once, or reaches by more than one way, has all that it "
     "should: "
     "md, ZFS, LVM, btrfs, multipath and bonds.",
     "Replace the disk, or mend the path, that the reason names, and have it taken in again: "
     "mdadm --manage, zpool replace, lvconvert --repair, multipath -ll; of a bond look at the "
     "cable "
     "and the switch."},
    {"disks_healthy",
     "No disk says that it is failing or will, has too few spare blocks, or has used more of its "
     "life than `wear_percent`. What an adapter or a hypervisor hides is not judged.",
     "Save what is on it, and replace the disk: smartctl -a or nvme smart-log tell more."},
    {"memory_errors_few",
     "No module of memory lost data, or corrected more errors than `at_most`, since the machine "
     "was "
     "started.",
     "Replace the module that is named, or move it to see whether the error goes with it; "
     "ras-mc-ctl "
     "--errors tells when they came. The count begins anew at a start."},
    {"certificate_not_expired",
     "Every certificate in the files that the probe looks at is within its dates.",
     "Replace the certificate, or remove the file where nothing uses it."},
    {"certificate_renewal",
     "Every certificate is replaced before the shorter of renew_before and last_fraction of its "
     "lifetime is left. Within that time it is due; half-way through it fails.",
     "Renew the certificate, and see why its renewal does not run by itself."},
    {"revocation_lists_current",
     "Every list of revoked certificates (CRL) in the host's files is replaced before its "
     "nextUpdate. It is due within the shorter of renew_before and last_fraction of its lifetime, "
     "and fails at its end.",
     "Have the authority make a new list (openssl ca -gencrl, easyrsa gen-crl) and copy it to "
     "where it is used, by a timer."},
    {"key_files_private",
     "Only its owner, root and the groups that `groups` names can read or change a private key.",
     "Do what the reason says (chmod, setfacl -b). Where everybody could read it, take it for "
     "known: make a new key, and have its certificate revoked."},
    {"keys_match",
     "The private key that a server is configured with, or that lies beside a certificate, belongs "
     "to that certificate.",
     "Put the key that the certificate was asked for with in its place, before the server is "
     "started anew; see which of both the last renewal replaced."},
    {"served_certificate_valid",
     "What is served by TLS is within its dates: the certificate, what is served with it, and the "
     "authority that it leads to.",
     "Renew the certificate and have the server load it; where an authority has ended, serve the "
     "chain that came with the certificate."},
    {"served_certificate_renewal",
     "What is served by TLS is replaced before the shorter of renew_before and last_fraction of "
     "its lifetime is left. Within that time it is due; half-way through it fails.",
     "Renew the certificate and have the server load it; where the file was renewed already, "
     "reloading is all (served_is_on_disk says so)."},
    {"served_name_matches",
     "What is served is for the name that was asked for: the target's, or one that a server's "
     "configuration on the host has.",
     "Ask for a certificate with that name among its alternative names, or have the server show "
     "the right one for it; a common name does not count."},
    {"served_chain_trusted",
     "The chain that is served leads to an authority that the looking host trusts, and is for "
     "servers; or it has signed itself, or ends in a root, that allow_self_signed names.",
     "Serve what is missing: the file that a server is given has the certificate first, then each "
     "issuer up to the root's. A root of your own belongs into the host's store "
     "(update-ca-certificates) or into allow_self_signed."},
    {"served_not_revoked",
     "Neither the server's staple nor the authority says that the certificate is revoked, and the "
     "staple is still good.",
     "Replace a certificate that is revoked, with a new key. For a staple that has ended, see why "
     "the server cannot reach its authority's responder."},
    {"tls_strong",
     "No version of TLS below minimum_version is taken; keys have at least minimum_rsa_bits or "
     "minimum_ec_bits; nothing that is served is signed over MD5 or SHA-1.",
     "Switch the old versions off in the server's configuration (ssl_protocols, MinProtocol), or "
     "ask for a certificate with a longer key."},
    {"served_is_on_disk",
     "What a process serves is what lies in the file that it is configured with.",
     "Reload or restart what the verdict names, and let the renewal do so by itself from now on "
     "(certbot: --deploy-hook)."},
    {"listeners_known",
     "Of each listening socket it is known whether it speaks TLS; what does is held to the rules "
     "about what is served.",
     "See what closes the connection or stays silent after a ClientHello. Where that is right, "
     "list the socket under listeners: leave_alone in agent.yml; what lies in another network "
     "can be a target."},
    {"antivirus_present", "Some antivirus is installed, of those that Muster looks for.",
     "Install one, and let it update itself. Where another is installed that Muster does not know, "
     "a waiver says which."},
    {"antivirus_protects",
     "At least one product protects the host: it runs with its real-time protection on, in no "
     "passive or reduced mode, or it is a scanner, something runs full scans, and the last of "
     "these neither failed nor is older than scan_max_age.",
     "Start what does not run, switch on what is off or passive; a reduced mode is most often a "
     "kernel that the product does not support yet. Let a timer run full scans where there is only "
     "a scanner, and see why the last one failed."},
    {"signatures_fresh",
     "What each product has loaded to find threats with was made within signatures_max_age.",
     "See why updates do not come: the reason of the last try is among the facts; most often it is "
     "a proxy, a firewall or a licence. Load what is on disk already (for ClamAV, restart or "
     "reload clamd)."},
    {"signatures_loaded", "What each product has loaded is what lies on disk.",
     "Let it load them: clamdscan --reload for ClamAV; and let freshclam tell clamd of new ones "
     "(NotifyClamd)."},
    {"full_scan_recent",
     "Each product that scans has scanned everything within scan_max_age, and came to an end.",
     "Start a full scan, and let a timer start the next ones; where the last one failed, the "
     "reason says why."},
    {"threats_resolved", "No product found a threat that nobody has dealt with.",
     "Look at what was found, and take it away or put it into quarantine; after that a scan that "
     "finds nothing, or the product's own count, says so."},
    {"exclusions_allowed",
     "No product leaves out more than what `allowed` names, over an exclusion such as \"path "
     "/proc\" or with the product before it, \"clamav: path /srv/db\".",
     "Take the exclusion out of the product's configuration; or name it in `allowed` where it is "
     "right for all hosts, or in a waiver where it is so for a time. A path with \"..\" in it "
     "cannot be allowed: write it without."},
    {"management_connected",
     "Each product that a server manages is connected to it, and heard of it within silent_after.",
     "See on the host whether the server's name and port can be reached, and at the server whether "
     "it knows the host."},
    {"protection_licensed",
     "Each product that needs a licence has one for longer than warn_before. It is due within that "
     "time and fails at the end.",
     "Renew the licence, or replace the product."},
    {"intrusion_detection_present",
     "Some product that watches the host for changes and attacks is installed, of those that "
     "Muster looks for.",
     "Install one and make its baseline. Where another is installed that Muster does not know, a "
     "waiver says which."},
    {"intrusion_detection_checks",
     "At least one product watches the host: it runs, or something runs its checks, and the last "
     "of these came to its end within check_max_age.",
     "Start what does not run; let a timer run the checks of what looks when it is told to "
     "(dailyaidecheck.timer for AIDE), and see why the last one failed."},
    {"baseline_recent",
     "What each product compares the host with was made within baseline_max_age.",
     "Run a check, look at what it finds, and make a new baseline (aide --update; for others see "
     "their manual)."},
    {"changes_acknowledged",
     "The last check of each product found no changes, or a baseline that was made after it takes "
     "them in.",
     "Find out who changed the files. Where it was meant to be, make a new baseline; where nobody "
     "knows, treat the host as taken over. A waiver over the product puts up with it for a time."},
    {"events_not_lost",
     "Each product lost at most at_most events since it, or the kernel, was started.",
     "Give it a longer queue or fewer events (auditctl -b, the rules in /etc/audit/rules.d), then "
     "let its count begin anew: auditctl --reset-lost for auditd, a restart for others."},
    {"host_reporting", "The host has reported to the collector within silent_after.",
     "See whether the host is up and reaches the collector; on it, muster-agent status says why "
     "the last report failed. A host that is gone for good: muster-collector host remove."},
    {"agent_sandboxed", "Each part of the sandbox that holds the agent's probes is there.",
     "Run the agent with its launcher as root on a kernel that has what is missing."},
    {"agent_sees_all", "The agent's probes may look at what only root may read.",
     "Run the agent's launcher as root, as its systemd unit does."},
    {"waivers_current", "No waiver that covers the host or target is within warn_before its end.",
     "Meet the control that was waived before the waiver ends, or have the waiver approved anew "
     "with another end."},
    {"tcp_answers",
     "Something answers at the target's address, and within `within` where that is more than 0.",
     "Where nobody could look, do what the reason says, such as list it in targets.allow of the "
     "host that looks. Else see whether the service runs, and whether what lies between lets its "
     "port through: muster-collector target show tells who looked and what was tried."},
    {"tls_answers",
     "Every address of the target completes a TLS handshake, or asks the client for a certificate.",
     "Where nobody could look, do what the reason says. Else see whether the service runs at the "
     "address that the reason names; behind a load balancer it is one of several."},
    {"domain_renewed",
     "The domain's registration does not end within renew_before, by its registry or, where that "
     "publishes no date, by the one that the target gives (expires=).",
     "Renew it at its registrar, and have it renew by itself. A date by hand: write the new one "
     "into "
     "the list of targets."},
    {"domain_in_force",
     "The domain is registered, and not on hold, in redemption, about to be deleted or on its way "
     "to "
     "another registrar.",
     "Call the registrar today; not by mail to the domain in question."},
    {"domain_locked", "The registry says that the domain is locked against transfers.",
     "Switch the transfer lock on at the registrar."},
    {"domain_registrar", "The domain is at one of the `registrars` that the policy lists.",
     "See who moved it. If nobody did, have the registrar lock it and undo the change."},
    {"domain_delegation",
     "The registry has the domain delegated to name servers that `name_servers` lists, and to no "
     "others.",
     "See who changed them. If nobody did, have the registrar lock the domain and undo the "
     "change."},
    {"domain_known", "The registry has answered within answered_within.",
     "Do what the reason says: muster-collector target show tells who asked and what came."},
    {"lookalikes_watched",
     "No name like the domain was registered within `within` by somebody else and can take mail.",
     "Block the name at the mail gateway and the proxy, and report it to its registrar where it is "
     "used against the house. If it is the house's own, list it in the target's owned=."},
    {"zone_delegation",
     "The zone above sends to the name servers that the zone itself names, two at least, and each "
     "of these answers for it, with the same serial number and by TCP as well.",
     "A server that does not have the zone: add the zone there, or take the server out at the "
     "registrar. Another serial number for hours: see why the transfer fails. Lists that differ: "
     "make them the same. What was not asked belongs into targets.allow of the host that looks."},
    {"zone_signed",
     "The keys that the zone above vouches for (DS) sign the zone. A zone that is not signed is "
     "unmet where `required` is true, and else nothing is judged.",
     "Publish the key of the DS record again, or have the registrar replace the record by that of "
     "the key in use. A zone that is not signed: sign it, then give the registrar its DS record."},
    {"zone_signatures_current",
     "The zone's signatures are made anew before min_remaining, or a third of their lifetime, is "
     "left. Within that time it is due; half-way through it fails.",
     "See why the signer does not sign, and why the server that the reason names does not get the "
     "zone; sign by hand meanwhile (rndc sign, knotc zone-sign). A signer that leaves less: set "
     "min_remaining below that."},
    {"zone_spf",
     "The zone says by SPF who may send its mail, in at most 10 look-ups, and does not let "
     "everybody.",
     "Publish one TXT record \"v=spf1 ... -all\" with those who send; \"v=spf1 -all\" where nobody "
     "does."},
    {"zone_dmarc",
     "The zone says by DMARC what shall become of forged mail, and that is among `policies` where "
     "these are given.",
     "Publish \"v=DMARC1; p=none; rua=mailto:...\" at _dmarc, look at the reports, then change to "
     "p=quarantine or p=reject."},
    {"zone_dkim",
     "Each DKIM key that the target names (dkim=) is published, and has at least minimum_rsa_bits "
     "where it is one of RSA.",
     "Publish the key that the mail server signs with at SELECTOR._domainkey; take a selector that "
     "is out of use out of the list of targets."},
    {"zone_caa",
     "The zone, or one above it, says by CAA who may issue certificates for it, and that is among "
     "`issuers` where these are given. Without such records it is unmet where `required` is true, "
     "and else nothing is judged.",
     "Publish one record such as 0 issue \"ca.example\" for each authority in use, and take out "
     "those of others."},
}};

}  // namespace

RuleWords words_of_rule(std::string_view rule) {
  for (const RuleWords& words : kWords) {
    if (words.rule == rule) return words;
  }
  return {};
}

}  // namespace muster::collector
