# METADATA
# scope: package
# custom:
#   id: ANS-05.16
#   title:
#     fr: Aucun changement non déclaré (identité SSH des appareils)
#     en: No undeclared change (SSH identity of the devices)
#   severity: high
#   checkpoints: [CP05]
#   principle: P06
#   basis: [pgssi-s, anssi]
#   subject: device
#   needs:
#     - [device.network.ssh]
#   message:
#     fr: "{device} ne présente plus la même identité SSH qu’à la visite précédente ; nous n’y sommes pas entrés."
#     en: "{device} no longer shows the same SSH identity as on the previous visit; we did not log in."
#   remedy:
#     fr: >-
#       Demandez si cet appareil a été remplacé ou réinstallé. Si personne ne le confirme, débranchez-le du réseau et
#       prévenez votre informaticien. Pour lui : comparez l’empreinte sur place avant d’accepter la nouvelle clé.
#     en: >-
#       Ask whether this device was replaced or reinstalled. If nobody confirms it, unplug it from the network and call
#       your technician. For them: compare the fingerprint on site before accepting the new key.
#   references:
#     - PGSSI-S, canevas de PSSI, 7.3.2.4
#     - ANSSI, Guide d’hygiène informatique, mesure 40
package ans.cp05.ssh_host_key

import data.lib.wire

fail contains finding if {
	some device in input.devices
	id := device.id
	id in _changed
	finding := {"subject": id, "item": "ssh_host_key", "fact": "network/ssh"}
}

not_applicable contains finding if {
	some device in input.devices
	device.network.ssh
	not device.network.ssh.pinned
	finding := {"subject": device.id, "cause": "first_contact", "fact": "network/ssh"}
}

not_applicable contains finding if {
	some device in input.devices
	wire.closed(device, [22], input.unread)
	not device.network.ssh
	not _says_ssh(device)
	finding := {"subject": device.id, "cause": "no_ssh", "fact": "network/tcp_probed"}
}

_changed contains id if {
	some device in input.devices
	ssh := device.network.ssh
	ssh.pinned != ssh.fingerprint
	id := device.id
}

_changed contains id if {
	some entry in input.coverage
	entry.status == "host_key_changed"
	id := entry.device
}

_says_ssh(device) if {
	some port in device.network.ports
	port.service == "ssh"
}

_says_ssh(device) if device.system.ssh
