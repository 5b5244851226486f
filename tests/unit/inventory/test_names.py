"""Names of people do not reach a report, and names of machines do."""

import time

import pytest

from inventory.names import distinct, impersonal, impersonal_data


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("iPhone de Marie", "iPhone de …"),
        ("iPhone-de-Marie-Dupont", "iPhone-de-…"),
        ("iPad d’Anne", "iPad d’…"),
        ("MacBook-Air-de-Jean", "MacBook-Air-de-…"),
        ("Galaxy A54 de Léa", "Galaxy A54 de …"),
        ("Téléphone de Noé", "Téléphone de …"),
        ("Maries-iPhone", "…-iPhone"),
        ("Julie's Xbox", "…’s Xbox"),
        ("LAPTOP-JULIE", "LAPTOP-…"),
        ("Julie-PC", "…-PC"),
        ("Claire-Martin-iPhone", "…-iPhone"),
        ("iPhone Claire Martin", "iPhone …"),
        ("iPhone de Sophie Anne Durand", "iPhone de …"),
        ("iphone de sophie anne durand", "iphone de …"),
        ("S21 de Claire", "S21 de …"),
        ("HUAWEI P30 de Luc", "HUAWEI P30 de …"),
        ("Galaxy S21 Ultra 5G de Jean-Paul", "Galaxy S21 Ultra 5G de …"),
        ("MBP-de-Jean", "MBP-de-…"),
        ("Mac mini de Jean", "Mac mini de …"),
        ("ordi-de-sophie", "ordi-de-…"),
        ("Poste-Claire", "Poste-…"),
        ("Dr-Dupont-PC", "Dr-…-PC"),
        ("dr-claire-martin-pc", "dr-…-pc"),
        ("Tel Mme Durand", "Tel Mme …"),
        ("iPhone de Marie de Villiers", "iPhone de …"),
        ("port 80 of iPhone de Marie de Villiers (tcp)", "port 80 of iPhone de … (tcp)"),
        ("iPhone du Dr Dupont", "iPhone du Dr …"),
        ("port 8080 of Claire-Dumas-iPhone (tcp)", "port 8080 of …-iPhone (tcp)"),
        ("iPhone de Marie Le Goff", "iPhone de …"),
        ("iPhone-de-Marie-Le-Goff", "iPhone-de-…"),
        ("iPhone de Marie La Fontaine", "iPhone de …"),
        ("iPhone de Marie & Paul", "iPhone de …"),
        ("iPhone de Jean Bureau", "iPhone de …"),
        ("port 80 of iPhone de Marie Le Goff (tcp)", "port 80 of iPhone de … (tcp)"),
        ("PC Marie Le Goff", "PC …"),
        ("PC Labonne", "PC …"),
        ("Surface de Marie", "Surface de …"),
        ("XPS de Marc", "XPS de …"),
        ("Nokia de Marie Le Goff", "Nokia de …"),
        ("AppleTV de Paul", "AppleTV de …"),
        ("identified host_name iPhone-de-Marie", "identified host_name iPhone-de-…"),
    ],
)
def test_a_person(name: str, shown: str) -> None:
    assert impersonal(name) == shown


@pytest.mark.parametrize(
    "name",
    [
        "PC de Accueil", "poste de soin", "Imprimante de l'accueil", "Salle de Soins", "Station de Radiologie",
        "PC-LABO2", "Cabinet de Lyon", "NAS de Sauvegarde",
        "MAC aléatoire", "MAC de la carte",
        "nas", "brother", "PC-ACCUEIL", "poste-soin", "DESKTOP-4F2A1KL", "PC de la salle", "ipad-fauteuil", "iPhone",
        "Galaxy-S21", "Synology Inc. 1a:2b", "Livebox-4F2A", "routeur", "tcp/5001", "declared as phone",
        "Windows phone", "Services mobile", "MAC of device", "Huawei Technologies", "Google Pixel", "poste de travail",
        "téléphone de garde", "telephone-assistante", "gateway of the network", "Debian 12 on a phone",
        "HP Color LaserJet M252dw", "Meraki MR", "10 of 254 answered", "android-dhcp-13",
        "nom du genre « iPhone de … »",
    ],
)  # fmt: skip
def test_a_machine(name: str) -> None:
    assert impersonal(name) == name


def test_inside_data_and_twice_over() -> None:
    data = {"mappings": [{"description": "iPhone de Marie"}], "port": 80}
    assert impersonal_data(data) == {"mappings": [{"description": "iPhone de …"}], "port": 80}
    assert impersonal(impersonal("Marie's iPhone")) == impersonal("Marie's iPhone")


def test_two_phones_are_told_apart_within_a_visit() -> None:
    assert distinct([("1", "iPhone de …"), ("2", "iPhone de …"), ("3", "nas"), ("4", "nas")]) == {
        "1": "iPhone de …", "2": "iPhone de … (2)", "3": "nas", "4": "nas",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "a" * 50_000,
        "a." * 25_000,
        "iphone de " * 5_000,
        "galaxy s2" * 5_000,
        "s-" * 25_000,
        "A " * 25_000,
        "iphone-" * 9_000,
        "dr-" * 20_000,
    ],
)
def test_a_hostile_name_costs_nothing(name: str) -> None:
    begun = time.process_time()
    impersonal(name)
    assert time.process_time() - begun < 1
