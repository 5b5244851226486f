"""Configurations as VyOS 1.4 and 1.5, EdgeOS 2 and a USG write them, from the makers' documentation."""

# VyOS 1.4's quick start, with the firewall of its documentation: groups, base chain, jumps.
VYOS_14 = r"""firewall {
    group {
        interface-group LAN {
            interface "eth1"
            interface "eth1.30"
        }
        interface-group WAN {
            interface "eth0"
        }
        network-group NET-INSIDE-v4 {
            network "192.168.0.0/24"
        }
        address-group ADMINS {
            address "198.51.100.7"
            address "203.0.113.8-203.0.113.9"
        }
        port-group WEB {
            port "80"
            port "https"
        }
    }
    ipv4 {
        forward {
            filter {
                default-action "drop"
            }
        }
        input {
            filter {
                default-action "drop"
                rule 5 {
                    action "accept"
                    state "established"
                    state "related"
                }
                rule 10 {
                    action "jump"
                    inbound-interface {
                        group "WAN"
                    }
                    jump-target "FROM_WAN"
                }
                rule 20 {
                    action "accept"
                    inbound-interface {
                        name "eth1"
                    }
                }
            }
        }
        name FROM_WAN {
            default-action "return"
            rule 10 {
                action "accept"
                destination {
                    port "22"
                }
                protocol "tcp"
                source {
                    group {
                        address-group "ADMINS"
                    }
                }
            }
        }
    }
    ipv6 {
        input {
            filter {
                default-action "drop"
            }
        }
    }
}
interfaces {
    ethernet eth0 {
        address "203.0.113.2/24"
        address "2001:db8::2/64"
        description "WAN"
    }
    ethernet eth1 {
        address "192.168.0.1/24"
        vif 30 {
            address "192.168.30.1/24"
            description "Invités"
        }
        vif 40 {
            address "192.168.40.1/24"
            disable
        }
    }
    loopback lo {
    }
    openvpn vtun10 {
        mode "server"
        local-port "1195"
        protocol "tcp-passive"
        server {
            client secretariat {
                ip "10.8.0.4"
            }
            subnet "10.8.0.0/24"
        }
    }
    wireless wlan0 {
        physical-device "phy0"
        security {
            wpa {
                mode "wpa3"
                passphrase "CANARY-wpa-passphrase"
            }
        }
        ssid "Cabinet"
        type "access-point"
    }
}
nat {
    destination {
        rule 10 {
            description "exception"
            destination {
                port "8443"
            }
            exclude
            inbound-interface {
                name "eth0"
            }
            protocol "tcp"
        }
        rule 20 {
            description "web \"vitrine\" {2}"
            destination {
                address "203.0.113.2"
                group {
                    port-group "WEB"
                }
            }
            inbound-interface {
                name "eth0"
            }
            protocol "tcp"
            source {
                group {
                    network-group "!NET-INSIDE-v4"
                }
            }
            translation {
                address "192.168.0.10"
            }
        }
        rule 30 {
            destination {
                port "8443"
            }
            inbound-interface {
                name "eth0"
            }
            protocol "tcp"
            translation {
                address "192.168.0.11"
                port "443"
            }
        }
        rule 40 {
            destination {
                port "53"
            }
            inbound-interface {
                name "eth1"
            }
            protocol "udp"
            translation {
                redirect {
                    port "53"
                }
            }
        }
        rule 50 {
            destination {
                port "9000-9010"
            }
            inbound-interface {
                group "WAN"
            }
            load-balance {
                backend 192.168.0.21 {
                    weight "50"
                }
                backend 192.168.0.22 {
                    weight "50"
                }
            }
            protocol "tcp"
        }
    }
}
protocols {
    static {
        route 0.0.0.0/0 {
            next-hop 203.0.113.1 {
            }
        }
    }
}
service {
    dhcp-server {
        shared-network-name LAN {
            subnet 192.168.0.0/24 {
                option {
                    default-router "192.168.0.1"
                }
                range 0 {
                    start "192.168.0.50"
                    stop "192.168.0.99"
                }
                subnet-id "1"
            }
        }
    }
    dns {
        dynamic {
            name cabinet {
                address {
                    interface "eth0"
                }
                host-name "cabinet.example.net"
                password "CANARY-ddns"
                protocol "dyndns2"
                username "cabinet"
            }
        }
        forwarding {
            allow-from "192.168.0.0/24"
            listen-address "192.168.0.1"
            name-server 9.9.9.9 {
                port "853"
            }
        }
    }
    https {
        allow-client {
            address "192.168.0.0/24"
        }
        api {
            keys {
                id supervision {
                    key "CANARY-api-key"
                }
            }
        }
        port "8443"
    }
    ntp {
        server 0.fr.pool.ntp.org {
        }
    }
    snmp {
        community public {
            authorization "rw"
        }
        v3 {
            user lecteur {
                mode "ro"
            }
        }
    }
    ssh {
        ciphers "aes256-gcm@openssh.com"
        ciphers "aes128-ctr"
        disable-password-authentication
        dynamic-protection {
        }
        port "22"
        port "2222"
    }
}
system {
    host-name "passerelle"
    login {
        user lecture {
            authentication {
                public-keys visite {
                    key "AAAAC3NzaC1lZDI1NTE5AAAAIJ"
                    type "ssh-ed25519"
                }
            }
            disable
        }
        user vyos {
            authentication {
                encrypted-password "$6$CANARYsalt$CANARYhash"
                otp {
                    key "CANARYOTPBASE32"
                }
            }
        }
    }
    name-server "eth0"
    syslog {
        remote 192.168.0.5 {
            facility all {
                level "info"
            }
        }
    }
}
vpn {
    ipsec {
        site-to-site {
            peer agence {
                authentication {
                    mode "pre-shared-secret"
                }
                connection-type "respond"
                remote-address "198.51.100.1"
            }
            peer ancien {
                disable
            }
        }
    }
    l2tp {
        remote-access {
            authentication {
                local-users {
                    username alice {
                        password "CANARY-l2tp"
                    }
                    username bob {
                        password "CANARY-l2tp-2"
                    }
                }
            }
        }
    }
}


// Warning: Do not remove the following line.
// vyos-config-version: "firewall@11:nat@7:ssh@2"
// Release version: 1.4.0
"""

# EdgeOS 2 as its wizard leaves it on a PPPoE line, with a hand at it since: as `show configuration commands` says it.
EDGEOS_COMMANDS = r"""set firewall group network-group BOGONS network 10.0.0.0/8
set firewall group address-group SUPPORT address 198.51.100.20
set firewall name WAN_LOCAL default-action drop
set firewall name WAN_LOCAL description 'WAN to router'
set firewall name WAN_LOCAL rule 10 action accept
set firewall name WAN_LOCAL rule 10 state established enable
set firewall name WAN_LOCAL rule 10 state related enable
set firewall name WAN_LOCAL rule 15 action drop
set firewall name WAN_LOCAL rule 15 source group network-group BOGONS
set firewall name WAN_LOCAL rule 20 action accept
set firewall name WAN_LOCAL rule 20 destination group address-group ADDRv4_pppoe0
set firewall name WAN_LOCAL rule 20 destination port 443,22
set firewall name WAN_LOCAL rule 20 protocol tcp
set firewall name WAN_LOCAL rule 20 source group address-group SUPPORT
set firewall name WAN_LOCAL rule 30 action accept
set firewall name WAN_LOCAL rule 30 destination port 23
set firewall name WAN_LOCAL rule 30 disable
set firewall name WAN_LOCAL rule 30 protocol tcp
set interfaces ethernet eth0 description 'fibre d'\''Orange'
set interfaces ethernet eth0 vif 835 pppoe 0 default-route auto
set interfaces ethernet eth0 vif 835 pppoe 0 firewall local name WAN_LOCAL
set interfaces ethernet eth0 vif 835 pppoe 0 password CANARY-pppoe
set interfaces ethernet eth0 vif 835 pppoe 0 user-id fti/abcdefg
set interfaces ethernet eth1 address 192.168.1.1/24
set interfaces ethernet eth2 disable
set interfaces ethernet eth2 address 192.168.2.1/24
set interfaces loopback lo
set interfaces switch switch0 switch-port interface eth3 vlan pvid 1
set interfaces switch switch0 switch-port interface eth3 vlan vid 20
set interfaces switch switch0 switch-port vlan-aware enable
set port-forward auto-firewall enable
set port-forward hairpin-nat enable
set port-forward lan-interface eth1
set port-forward rule 1 description NAS
set port-forward rule 1 forward-to address 192.168.1.10
set port-forward rule 1 forward-to port 5001
set port-forward rule 1 original-port 5001
set port-forward rule 1 protocol tcp
set port-forward rule 2 description plage
set port-forward rule 2 forward-to address 192.168.1.11
set port-forward rule 2 original-port 6000-6010,7000
set port-forward rule 2 protocol udp
set port-forward wan-interface pppoe0
set service dhcp-server disabled true
set service dhcp-server shared-network-name LAN subnet 192.168.1.0/24 start 192.168.1.38 stop 192.168.1.243
set service dns dynamic interface pppoe0 service dyndns host-name cabinet.dyndns.example
set service dns dynamic interface pppoe0 service dyndns login cabinet
set service dns dynamic interface pppoe0 service dyndns password CANARY-dyndns
set service dns forwarding listen-on eth1
set service gui https-port 443
set service nat rule 1 description rdp
set service nat rule 1 destination group address-group ADDRv4_pppoe0
set service nat rule 1 destination port 3390
set service nat rule 1 inbound-interface pppoe+
set service nat rule 1 inside-address address 192.168.1.20
set service nat rule 1 inside-address port 3389
set service nat rule 1 protocol tcp
set service nat rule 1 source address '!203.0.113.0/24'
set service nat rule 1 type destination
set service nat rule 5010 outbound-interface pppoe0
set service nat rule 5010 type masquerade
set service snmp community public authorization ro
set service snmp community public client 192.168.1.5
set service ssh allow-root
set service ssh port 22
set service telnet port 23
set service unms connection 'wss://unms.example.net:443+CANARY-unms-key+allowSelfSignedCertificate'
set service upnp listen-on eth1 outbound-interface pppoe0
set system host-name 'edge'
set system login user ubnt authentication encrypted-password '$5$CANARYsalt$CANARYhash5'
set system login user ubnt level admin
set system login user lecture authentication plaintext-password ''
set system login user lecture level operator
set system syslog host 192.168.1.6 facility all level info
set vpn l2tp remote-access ipsec-settings authentication pre-shared-secret CANARY-l2tp-psk
set vpn pptp remote-access authentication local-users username carole password CANARY-pptp
"""

# Zones of VyOS 1.4 and 1.5, where nothing is said of one of them.
ZONES = r"""firewall {
    ipv4 {
        name LAN-LOCAL {
            default-action "accept"
        }
        name WAN-LOCAL {
            default-action "drop"
            rule 10 {
                action "accept"
                destination {
                    port "22"
                }
                protocol "tcp"
                recent {
                    count "4"
                }
            }
        }
    }
    zone LAN {
        default-action "drop"
        member {
            interface "eth1"
        }
    }
    zone LOCAL {
        default-action "drop"
        from LAN {
            firewall {
                name "LAN-LOCAL"
            }
        }
        from WAN {
            firewall {
                name "WAN-LOCAL"
            }
        }
        local-zone
    }
    zone WAN {
        member {
            interface "pppoe0"
        }
    }
    zone INVITES {
        member {
            interface "eth2"
        }
    }
}
interfaces {
    ethernet eth1 {
        address "10.1.0.1/24"
    }
    ethernet eth2 {
        address "10.2.0.1/24"
    }
    pppoe pppoe0 {
        authentication {
            password "CANARY-ppp"
            username "x"
        }
        source-interface "eth0"
    }
}
service {
    ssh {
    }
}
system {
    host-name "zones"
}
"""

# A USG as its controller sets it up (`show configuration`), from Ubiquiti's pages on config.gateway.json.
USG = r"""firewall {
    group {
        address-group authorized_guests {
            description "authorized guests MAC addresses"
        }
        network-group guest_allow_dns_servers {
            network 192.168.20.1/32
        }
        port-group guest_portal_ports {
            port 443
            port 8880
        }
    }
    name GUEST_LOCAL {
        default-action drop
        description "packets from guest network to gateway"
        rule 3001 {
            action accept
            description "allow DNS"
            destination {
                port 53
            }
            protocol udp
        }
    }
    name LAN_LOCAL {
        default-action accept
    }
    name WAN_LOCAL {
        default-action drop
        rule 3001 {
            action accept
            state {
                established enable
                invalid disable
                new disable
                related enable
            }
        }
    }
}
interfaces {
    ethernet eth0 {
        address dhcp
        firewall {
            local {
                name WAN_LOCAL
            }
        }
    }
    ethernet eth1 {
        address 192.168.1.1/24
        firewall {
            local {
                name LAN_LOCAL
            }
        }
        vif 20 {
            address 192.168.20.1/24
            description guest
            firewall {
                local {
                    name GUEST_LOCAL
                }
            }
        }
    }
}
port-forward {
    auto-firewall disable
    hairpin-nat enable
    lan-interface eth1
    wan-interface eth0
}
service {
    dns {
        forwarding {
            cache-size 10000
            except-interface eth0
            options host-record=unifi,192.168.1.1
        }
    }
    gui {
        https-port 443
    }
    nat {
        rule 3001 {
            description "DNAT camera"
            destination {
                group {
                    address-group ADDRv4_eth0
                }
                port 8443
            }
            inbound-interface eth0
            inside-address {
                address 192.168.1.50
                port 443
            }
            protocol tcp
            type destination
        }
        rule 6001 {
            outbound-interface eth0
            type masquerade
        }
    }
    ssh {
        port 22
        protocol-version v2
    }
}
system {
    host-name usg
    login {
        user admin {
            authentication {
                encrypted-password $6$CANARY$CANARY
            }
            level admin
        }
    }
}
/* Warning: Do not remove the following line. */
/* Release version: v4.4.57.5578372.230112.0824 */
"""
