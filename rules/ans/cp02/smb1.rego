# METADATA
# scope: package
# custom:
#   id: ANS-02.14
#   title:
#     fr: Ancien partage Windows (SMBv1) désactivé
#     en: Old Windows file sharing (SMBv1) disabled
#   severity: high
#   checkpoints: [CP02]
#   principle: P03
#   basis: [anssi, good-practice]
#   subject: device
#   needs:
#     - [device.network.smb]
#   message:
#     fr: "{device} accepte encore l’ancien partage Windows (SMBv1), la porte des rançongiciels."
#     en: "{device} still accepts the old Windows file sharing (SMBv1), the door that ransomware uses."
#   remedy:
#     fr: >-
#       Faites désactiver SMBv1 sur cet appareil ; s’il en a vraiment besoin, il est temps de le remplacer. Pour votre
#       informaticien : protocole SMB minimal à SMB2 ou mieux, puis essai depuis chaque poste et chaque imprimante.
#     en: >-
#       Have SMBv1 disabled on this device; if it really needs it, it is time to replace it. For your technician: set
#       the minimum SMB protocol to SMB2 or better, then try from every workstation and printer.
#   references:
#     - ANSSI, Guide d’hygiène informatique, mesures 21 et 35
package ans.cp02.smb1

import data.lib.wire

_ports := [139, 445]

fail contains finding if {
	some device in input.devices
	device.network.smb.smb1
	finding := {"subject": device.id, "fact": "network/smb/smb1"}
}

fail contains finding if {
	some device in input.devices
	minimum := device.system.smb.minimum_protocol
	minimum in data.parameters.smb1_protocols
	not _negotiated(device)
	finding := {"subject": device.id, "fact": "system/smb", "values": {"minimum": minimum}}
}

_negotiated(device) if device.network.smb.smb1

not_applicable contains finding if {
	some device in input.devices
	wire.closed(device, _ports, input.unread)
	not _says_smb(device)
	finding := {"subject": device.id, "cause": "no_file_sharing", "fact": "network/tcp_probed"}
}

unknown contains finding if {
	some device in input.devices
	not device.network.smb
	wire.filtered(device, _ports)
	finding := {"subject": device.id, "cause": "filtered", "fact": "network/tcp_filtered"}
}

_says_smb(device) if {
	some share in device.system.shares
	share.protocol == "smb"
}

_says_smb(device) if {
	some service in device.system.services
	service.port in _ports
}
