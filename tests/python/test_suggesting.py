"""The rows a stage mapping lacks are suggested from labels, written once, and left to the user to look over."""

from __future__ import annotations

import csv
import json

import pytest

from conftest import Site
from warehouse.suggesting import COLUMNS, Suggestion, _append, suggested_stage


@pytest.mark.parametrize(
    ("label", "stage"),
    [
        ("Appointment Scheduled", "opportunity"),
        ("Qualified To Buy", "opportunity"),
        ("Qualifié", "opportunity"),
        ("Prise de contact", "opportunity"),
        ("Presentation Scheduled", "demo"),
        ("Needs Analysis", "demo"),
        ("Analyse des besoins", "demo"),
        ("DÉMO PLANIFIÉE", "demo"),
        ("Découverte", "demo"),
        ("Rendez-vous pris", "demo"),
        ("Decision Maker Bought-In", "proposal"),
        ("Contract Sent", "proposal"),
        ("Negotiation/Review", "proposal"),
        ("Proposal/Price Quote", "proposal"),
        ("Devis envoyé", "proposal"),
        ("Négociation", "proposal"),
        ("Contrat envoyé", "proposal"),
        ("Closed Won", "won"),
        ("Gagnée", "won"),
        ("Fermé gagné", "won"),
        ("Contrat signé", "won"),
        ("Onboarding", "won"),
        ("Closed Lost", "lost"),
        ("Perdue", "lost"),
        ("Closed - No Decision", "no_decision"),
        ("Sans suite", "no_decision"),
        ("Perdu - sans suite", "no_decision"),
        ("Abandonnée", "no_decision"),
        ("Étape 4", "opportunity"),
        ("", "opportunity"),
    ],
)
def test_the_label_of_a_deals_stage_suggests(label: str, stage: str) -> None:
    assert suggested_stage(label, "default") == stage


@pytest.mark.parametrize(
    ("label", "stage"),
    [
        ("Open - Not Contacted", "lead"),
        ("Nouveau", "lead"),
        ("Unqualified", "lead"),
        ("Disqualifié", "lead"),
        ("Closed - Not Converted", "lead"),
        ("Non qualifié par la vente", "lead"),
        ("Marketing Qualified Lead", "mql"),
        ("marketingqualifiedlead", "mql"),
        ("MQL", "mql"),
        ("Lead qualifié par le marketing", "mql"),
        ("Sales-Qualified Lead", "sql"),
        ("salesqualifiedlead", "sql"),
        ("Lead qualifié par la vente (SQL)", "sql"),
        ("Closed - Converted", "sql"),
        ("Converti", "sql"),
    ],
)
def test_the_status_of_a_lead_suggests(label: str, stage: str) -> None:
    assert suggested_stage(label, "lead") == stage


@pytest.mark.slow
def test_the_stages_a_mapping_lacks_are_suggested_once(site: Site) -> None:
    stages = [
        {"id": "11", "label": "Prise de contact", "displayOrder": 0, "metadata": {"isClosed": "false"}},
        {"id": "12", "label": "Démo réalisée", "displayOrder": 1, "metadata": {"isClosed": "false"}},
        {"id": "13", "label": "Devis envoyé", "displayOrder": 2, "metadata": {"isClosed": "false"}},
        {"id": "14", "label": "Signé", "displayOrder": 3, "metadata": {"isClosed": "true", "probability": "1.0"}},
    ]
    pipelines = {"results": [{"id": "neuf", "label": "Neuf", "displayOrder": 0, "stages": stages}]}
    deals = [
        {
            "id": str(number),
            "properties": {
                "dealname": f"Nordlys {number}",
                "dealstage": stage,
                "pipeline": "neuf",
                "amount": "1200",
                "createdate": "2026-02-02T09:00:00Z",
                "hs_is_closed_won": "true" if stage == "14" else "false",
                "hs_is_closed": "true" if stage == "14" else "false",
            },
        }
        for number, stage in enumerate(("13", "12", "12", "11", "14"))
    ]
    site.drop("hubspot/deal_pipelines.json", json.dumps(pipelines))
    site.drop("hubspot/deals.json", json.dumps({"results": deals}))
    # an editor left no end of line after the last row
    mapping = site.configure(
        "stage_mapping.csv", ",".join(COLUMNS) + "\nhubspot,hubspot,neuf,11,Prise de contact,opportunity"
    )

    first = site.run("load.py", "--suggest-mapping")
    assert first.returncode == 0, first.stderr
    assert "suggested, look it over: hubspot neuf Démo réalisée -> demo" in first.stdout.splitlines()
    assert first.stdout.splitlines()[-1] == f"2 rows written to {mapping}"
    with mapping.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            list(COLUMNS),
            ["hubspot", "hubspot", "neuf", "11", "Prise de contact", "opportunity"],
            ["hubspot", "hubspot", "neuf", "12", "Démo réalisée", "demo"],
            ["hubspot", "hubspot", "neuf", "13", "Devis envoyé", "proposal"],
        ]

    again = site.run("load.py", "--suggest-mapping")
    assert again.returncode == 0, again.stderr
    assert again.stdout == "2 files: 2 known; 0 rows stored\n"
    assert len(mapping.read_text(encoding="utf-8").splitlines()) == 4


def test_a_mapping_with_columns_in_an_order_of_its_own_keeps_it(site: Site) -> None:
    mapping = site.configure("stage_mapping.csv", "stage,source_system,source_instance,pipeline,source_stage\n")
    label = "Pas de décision"
    _append(mapping, [Suggestion("custom", "crm", "", "7", label, suggested_stage(label, ""))])
    assert mapping.read_text(encoding="utf-8").splitlines()[1:] == ["no_decision,custom,crm,,7"]


@pytest.mark.slow
def test_without_a_mapping_one_is_made(site: Site) -> None:
    site.drop("crm/source.yml", "system: custom\n")
    site.drop("crm/deals.csv", "deal_id,stage,created_at\n1,Négociation,2026-02-02\n2,won,2026-02-02\n")
    assert site.run("load.py", "--suggest-mapping").returncode == 0
    assert (site.settings.config / "stage_mapping.csv").read_text(encoding="utf-8").splitlines() == [
        ",".join(COLUMNS),
        "custom,crm,,Négociation,Négociation,proposal",
    ]


@pytest.mark.slow
def test_an_open_deal_in_a_stage_without_a_mapping_stops_a_build_by_name(site: Site) -> None:
    site.drop("crm/source.yml", "system: custom\n")
    site.drop("crm/deals.csv", "deal_id,stage,created_at\n1,Négociation,2026-02-02\n2,won,2026-02-02\n")
    assert not site.load().failures
    with pytest.raises(AssertionError, match=r"unmapped stage.*Négociation"):
        site.dbt("build", "--select", "+assert_every_open_stage_is_mapped", "--indirect-selection", "cautious")
