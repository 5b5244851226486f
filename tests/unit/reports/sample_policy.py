"""What the sample is judged by: rules of every severity and basis, the ten checkpoints, the words of its causes."""

from rules.finding import RuleText, Severity, State, Words

CAUSES = {
    "excluded": Words("Matériel médical non sondé.", "Medical equipment not probed."),
    "no_credential": Words(
        "Aucun accès de lecture n’a été fourni pour cet appareil.", "No read access was supplied for this device."
    ),
    "inconclusive": Words(
        "L’appareil ne sait pas s’il est à jour : il ne joint pas son serveur.",
        "The device does not know whether it is up to date: it cannot reach its server.",
    ),
    "uncertain": Words(
        "On ne sait pas encore ce que sont ces appareils : {devices}.",
        "It is not yet known what these devices are: {devices}.",
    ),
    "no_sharing": Words("Cet appareil ne partage pas de fichiers.", "This device shares no files."),
}

GUIDE = "https://cyber.gouv.fr/publications/guide-dhygiene-informatique"


def _rule(number: str, severity: Severity, fr: str, en: str, basis: str, memento: str | None, *refs: str) -> RuleText:
    return RuleText(f"ANS-{number}", Words(fr, en), severity, (f"CP{number[:2]}",), tuple(basis.split()), refs, memento)


RULES: tuple[RuleText, ...] = (
    _rule(
        "02.01",
        "high",
        "Aucun équipement inconnu sur le réseau professionnel",
        "No unknown device on the professional network",
        "memento pgssi-s anssi",
        "M2.5",
        "HYG 7",
        GUIDE,
    ),
    _rule(
        "02.02",
        "high",
        "Aucun équipement personnel sur le réseau professionnel",
        "No personal device on the professional network",
        "memento anssi",
        "M2.5",
        "HYG 7, 33",
    ),
    _rule("02.14", "high", "SMBv1 désactivé", "SMBv1 disabled", "anssi good-practice", None, "HYG 21, 35", GUIDE),
    _rule(
        "02.19",
        "medium",
        "Aucun protocole d’administration en clair",
        "No clear-text administration protocol",
        "pgssi-s anssi",
        None,
        "CANEVAS 4.2.2.5",
    ),
    _rule("02.23", "high", "Système du NAS à jour", "NAS system up to date", "memento anssi", "M2.4", "HYG 34"),
    _rule(
        "03.02",
        "critical",
        "Aucune redirection de port non justifiée vers le réseau interne",
        "No unjustified port forward to the inner network",
        "pgssi-s anssi case-law",
        None,
        "CNIL SAN-2020-015",
        "http://not-a-link.example/",
    ),
    _rule(
        "04.01",
        "low",
        "Réseaux observés conformes au schéma",
        "Networks seen match the plan",
        "memento good-practice",
        "M4.2",
    ),
    _rule("05.01", "medium", "Sauvegarde testée", "Backup tested", "memento cnil law", "M5.2"),
)

# title in French and English, principles, state, rules
CHECKPOINTS: tuple[tuple[str, str, str, State, str], ...] = (
    (
        "Maîtriser l’accès physique au lieu d’exercice ; maîtriser la sécurité physique des équipements informatiques.",
        "Control physical access to the premises; control the physical security of IT equipment.",
        "P01 P02",
        "incomplete",
        "",
    ),
    (
        "Protéger le poste de travail et l’accès aux applications.",
        "Protect workstations and access to applications.",
        "P03",
        "non_compliant",
        "ANS-02.01 ANS-02.02 ANS-02.14 ANS-02.19 ANS-02.23",
    ),
    (
        "Maîtriser les accès aux informations.",
        "Control access to information.",
        "P04",
        "non_compliant",
        "ANS-03.02",
    ),
    (
        "Connaître les principes de sécurité et les diffuser.",
        "Know the security principles and spread them.",
        "P05",
        "verified",
        "ANS-04.01",
    ),
    (
        "Anticiper la survenue d’incidents de sécurité.",
        "Anticipate security incidents.",
        "P06",
        "declared",
        "ANS-05.01",
    ),
    (
        "Respecter les règles d’échange et de partage des données de santé à caractère personnel ; "
        "respecter les principes du RGPD.",
        "Respect the rules for exchanging and sharing personal health data; respect the GDPR principles.",
        "P07 P08",
        "incomplete",
        "",
    ),
    (
        "Répondre aux obligations de conservation et de restitution des données.",
        "Meet the obligations to keep and hand over data.",
        "P09",
        "incomplete",
        "ANS-02.23",
    ),
    (
        "Intégrer la sécurité dans les contrats avec les tiers.",
        "Put security into contracts with third parties.",
        "P10",
        "incomplete",
        "",
    ),
    (
        "Vérifier les points d’attention lors de recours à des fournisseurs de service informatique.",
        "Check the points of attention when using IT service providers.",
        "P11",
        "to_correct",
        "ANS-02.19",
    ),
    (
        "Prendre connaissance de la « Fiche réflexe » prévue en cas d’incident de sécurité informatique "
        "et en conserver un exemple imprimé à un endroit accessible.",
        "Read the “reflex sheet” for IT security incidents and keep a printed copy within reach.",
        "P12",
        "incomplete",
        "",
    ),
)
