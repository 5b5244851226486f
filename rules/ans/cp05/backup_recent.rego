# METADATA
# scope: package
# custom:
#   id: ANS-05.01
#   title:
#     fr: Sauvegarde récente et réussie
#     en: Recent and successful backup
#   severity: critical
#   checkpoints: [CP05]
#   principle: P06
#   memento_rule: M5.1
#   basis: [memento, pgssi-s, anssi, cnil]
#   subject: device
#   roles: [nas, server]
#   needs:
#     - [device.system.backups]
#   message:
#     fr: "La sauvegarde « {job} » de {device} ne réussit plus ; dernière réussite connue : {since}."
#     en: "The backup “{job}” of {device} no longer succeeds; last known success: {since}."
#   warning:
#     fr: "Sur {device}, pas de sauvegarde réussie depuis {hours} heures ({job}) ; dernière réussite connue : {since}."
#     en: "On {device}, no successful backup for {hours} hours ({job}); last known success: {since}."
#   remedy:
#     fr: >-
#       Si le disque casse ce soir, tout ce qui a été fait depuis est perdu. Branchez le disque de sauvegarde s’il ne
#       l’est pas, relancez la sauvegarde et attendez qu’elle réussisse. Pour votre informaticien : tâche {job},
#       dernière réussite {since} ; lire son journal, puis essayer une restauration.
#     en: >-
#       If the disk breaks tonight, all that was done since is lost. Plug the backup disk in if it is not, start the
#       backup again and wait until it succeeds. For your technician: job {job}, last success {since}; read its log,
#       then try a restore.
#   references:
#     - "ANS, mémento de sécurité informatique : sauvegarder régulièrement (règle rapportée)"
#     - PGSSI-S, canevas de PSSI, 7.4.2.3
#     - ANSSI, Guide d’hygiène informatique, mesure 37
#     - CNIL, Guide pratique de la sécurité des données personnelles, fiche 17
package ans.cp05.backup_recent

import data.lib.age

fail contains finding if {
	some job in _jobs
	job.failing
	finding := job.finding
}

warn contains finding if {
	some job in _jobs
	not job.failing
	age.exceeds_hours(job.backup.last_success, input.taken_at, data.parameters.backup_warn_h)
	finding := _warned(job.finding)
}

# No job here: perhaps others save themselves onto it, perhaps nothing is saved at all.
warn contains finding if {
	some device in input.devices
	device.classification.category in {"nas", "server"}
	device.system.backups == []
	finding := _warned({"subject": device.id, "fact": "system/backups", "values": {"job": "–", "since": "–"}})
}

# Without a date, or with one that is still to come, nobody can say how old the last success is.
unknown contains finding if {
	some job in _jobs
	not job.failing
	not _dated(job)
	finding := object.union(job.finding, {"cause": "backup_date_unknown"})
}

_jobs contains job if {
	some device in input.devices
	some index, backup in device.system.backups
	job := {"backup": backup, "failing": _fails(backup), "finding": {
		"subject": device.id,
		"item": backup.name,
		"fact": concat("/", ["system/backups", format_int(index, 10)]),
		"values": {"job": backup.name, "since": _day(backup)},
	}}
}

_fails(backup) if {
	backup.last_result in {"failed", "never"}
} else if {
	age.exceeds_hours(backup.last_success, input.taken_at, data.parameters.backup_fail_h)
} else := false

_warned(finding) := object.union(finding, {
	"severity": "medium",
	"values": {"hours": data.parameters.backup_warn_h},
})

_dated(job) if {
	last := job.backup.last_success
	now := input.taken_at
	not age.exceeds(now, last, 1)
}

_day(backup) := substring(backup.last_success, 0, 10) if {
	backup.last_success
} else := "–"
