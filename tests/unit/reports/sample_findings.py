"""What the sample's rules found: every verdict, on named devices and on the practice."""

from dataclasses import replace
from datetime import date

from rules.finding import SITE, Acceptance, Finding, Proof, Severity, Verdict, Words

NAS, ROUTER, PRINTER, DESK = "02:77:00:00:00:10", "02:77:00:00:00:01", "02:77:00:00:00:20", "02:77:00:00:00:31"
CHAIR, PHONE, IMAGING = "02:77:00:00:00:32", "da:a1:19:5c:7e:02", "02:77:00:00:00:40"
STRANGER, LAPTOP = "02:77:00:00:00:66", "declared:portable-remplacant"


def _finding(rule: str, subject: str, verdict: Verdict, severity: Severity = "high", **more: object) -> Finding:
    return replace(Finding(f"ANS-{rule}", subject, verdict, severity), **more)  # type: ignore[arg-type]


FINDINGS: tuple[Finding, ...] = (
    _finding(
        "02.01",
        STRANGER,
        "fail",
        message=Words(
            fr="Un appareil que personne n’a déclaré est branché sur le réseau du cabinet.",
            en="A device that nobody declared is connected to the practice’s network.",
        ),
        values={"vendor": "Shenzhen Example", "zone": "professional"},
        remedy=Words(
            fr="Identifiez cet appareil, puis déclarez-le ou débranchez-le.",
            en="Identify this device, then declare it or unplug it.",
        ),
        proofs=(Proof("network/macs/0", "e1", 8),),
    ),
    _finding(
        "02.02",
        PHONE,
        "fail",
        message=Words(
            fr="Un téléphone déclaré personnel est sur le réseau du cabinet.",
            en="A phone declared as personal is on the practice’s network.",
        ),
        remedy=Words(fr="Passez-le sur le Wi-Fi invité.", en="Move it to the guest Wi-Fi."),
        proofs=(Proof("network/macs/0", "e1", 6),),
        waiver=Acceptance(
            "le titulaire du cabinet", "Wi-Fi invité en cours d’installation.", date(2026, 10, 31), expired=True
        ),
    ),
    _finding(
        "02.14",
        NAS,
        "waived",
        message=Words(
            fr="Le NAS accepte l’ancien partage Windows (SMBv1).",
            en="The NAS accepts the old Windows sharing (SMBv1).",
        ),
        remedy=Words(fr="Réglez la version minimale sur SMB2.", en="Set the minimum version to SMB2."),
        proofs=(Proof("network/smb/smb1", "e3", 41),),
        waiver=Acceptance(
            "le titulaire du cabinet",
            "Le logiciel de radiologie actuel l’exige ; remplacement prévu en janvier.",
            date(2027, 1, 31),
            "Partage réduit à un seul dossier, en lecture.",
        ),
    ),
    _finding("02.14", DESK, "pass", proofs=(Proof("network/smb/smb1", "e3", 77),)),
    _finding("02.14", CHAIR, "pass", proofs=(Proof("network/smb/smb1", "e3", 93),)),
    _finding("02.14", IMAGING, "unknown", cause="excluded"),
    _finding("02.14", PRINTER, "not_applicable", cause="no_sharing", proofs=(Proof("network/ports", "e2", 60),)),
    _finding("02.19", IMAGING, "unknown", "medium", cause="excluded"),
    _finding(
        "02.19",
        PRINTER,
        "fail",
        "medium",
        item="tcp/23",
        message=Words(
            fr="Le mot de passe de l’imprimante circule en clair (telnet).",
            en="The printer’s password travels in clear text (telnet).",
        ),
        remedy=Words(
            fr="Désactivez telnet dans les réglages réseau de l’imprimante.",
            en="Disable telnet in the printer’s network settings.",
        ),
        values={"port": 23, "service": "telnet"},
        proofs=(Proof("network/ports/0", "e2", 58), Proof("network/ports/0/banner", "e2")),
    ),
    _finding("02.19", ROUTER, "pass", "medium", proofs=(Proof("network/ports", "e2", 12),)),
    _finding(
        "02.19",
        DESK,
        "warn",
        "low",
        item="tcp/80",
        message=Words(
            fr="Une page d’administration répond sans chiffrement sur le poste d’accueil. Est-elle utilisée ?",
            en="An unencrypted administration page answers on the desk computer. Is it used?",
        ),
        remedy=Words(fr="Dites-nous à quoi elle sert, ou désactivez-la.", en="Tell us what it is for, or disable it."),
        proofs=(Proof("network/ports/1", "e2", 71),),
    ),
    _finding("02.23", NAS, "unknown", cause="inconclusive", proofs=(Proof("system/updates/status", "e4", 5),)),
    _finding("02.23", SITE, "unknown", cause="uncertain", values={"devices": ["Shenzhen Example 10.77.0.66"]}),
    _finding(
        "03.02",
        NAS,
        "fail",
        "critical",
        item="tcp/5001",
        message=Words(
            fr="Une porte est ouverte depuis Internet (tcp/5001) vers le NAS du cabinet.",
            en="A door is open from the Internet (tcp/5001) to the practice’s NAS.",
        ),
        remedy=Words(
            fr="Demandez à votre prestataire de fermer cette porte dans le routeur ; "
            "pour travailler à distance, faites installer un VPN.",
            en="Ask your provider to close this door in the router; to work remotely, have a VPN installed.",
        ),
        values={"external": "tcp/5001", "target": "10.77.0.10", "filtered": False},
        proofs=(Proof("system/port_forwards/0", "e5", 33), Proof("declared/role", "e9")),
    ),
    _finding("03.02", ROUTER, "unknown", "critical", item="box opérateur", cause="no_credential"),
    _finding("04.01", SITE, "pass", "low", proofs=(Proof("network/addresses", "e1", 3),)),
    _finding(
        "05.01",
        SITE,
        "attested",
        "medium",
        message=Words(
            fr="Une restauration a été essayée avec succès le 12 octobre 2026.",
            en="A restoration was tried successfully on 12 October 2026.",
        ),
    ),
)
