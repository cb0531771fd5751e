"""What was left open, markup that nobody filled in, and notes of the drafters."""

from __future__ import annotations

from random import Random

from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import (
    Fault,
    Planter,
    with_closing,
    with_sentence,
)

LEFT_OPEN = (
    "The new director, ‹[name]›, took up post in the summer.",
    "Inspectors met ‹XX› social workers during the visit.",
    "At the time of the visit, ‹xx› children were subject to a child protection plan.",
    "The next review is due in ‹TBC›.",
    "Inspectors spoke to ‹[insert number]› care leavers.",
    "We have notified the DfE of the ‹area(s)› for priority action.",
    "The ‹child(ren)› in these families were seen alone.",
    "The service has ‹____› vacancies.",
    "Leaders have ‹???› plans to address this.",
    "‹[LA name]› has invested in its workforce.",
    "‹<insert paragraph on care leavers>›",
    "The average caseload is ‹[x]›.",
    "‹Click or tap here to enter text.›",
    "‹[DN: check figure with the local authority]›",
    "Inspectors saw ‹(number)› case records.",
    "The plan was agreed on ‹DD Month YYYY›.",
    "The team works with ‹N/K› families.",
    "Managers ‹[delete as appropriate]› do not always record their decisions.",
    "The ‹strength(s)› of this work are clear.",
    "Caseloads are on average ‹XX%› lower than last year.",
    "‹Lorem ipsum dolor sit amet.›",
    "A new director will take up post in ‹[month/year]›.",
    "The chief executive, ‹[first name surname]›, is well sighted on these issues.",
    "The local authority’s offer is ‹tbc›.",
    "‹[figure]› per cent of care leavers are in education.",
    "The service manager, ‹<name>›, is well regarded.",
    "‹Xxxx› social workers left during the year.",
    "‹[to be added]›",
    "‹Error! Reference source not found.›",
    "The number of agency staff is ‹[N]›.",
    "‹[tbc by DCS]›",
    "Managers meet ‹(frequency to be confirmed)›.",
    "There are ‹xxx› children in care.",
    "‹NAME OF LOCAL AUTHORITY› has invested in its workforce.",
    "The ‹team(s)› responsible know this.",
    "‹[Insert date of last inspection]›",
    "‹……› of children were seen within timescales.",
    "Supervision is ‹good/poor [delete one]›.",
    "The ‹area(s) for priority action› are set out below.",
    "The head of service, ‹[redacted]›, left in May.",
    "There were ‹[insert]› contacts in the last six months.",
    "The rate is ‹XX.X›%.",
    "‹<<name of director>>› is a strong advocate for children.",
    "‹[delete if not applicable]›",
    "Caseloads average ‹[number]›.",
    "‹[TO FOLLOW]›",
    "‹XXXX Council› has invested in its workforce.",
    "‹[add example]›",
    "He or she ‹(delete as applicable)› attends regularly.",
    "‹Enter text here›",
    "The ‹plan(s)› were reviewed.",
    "‹[quote from child]›",
    "The post was filled in ‹tbc 2021›.",
    "Children waited ‹?? weeks›.",
)
MARKUP = (
    "Leaders in ‹{{ authority }}› know their services well.",
    "Leaders in ‹{{authority.short_name}}› know their services well.",
    "‹<b>Recruitment›</b> remains a challenge.",
    "Children ‹&amp;› their families are well supported.",
    "Children’s plans are of good quality‹&nbsp;›and are reviewed regularly.",
    "‹**Recruitment**› remains a challenge.",
    "‹{% if care_leavers %}› Care leavers are well supported.",
    "Staff morale is good.‹<br>› Caseloads are manageable.",
    "‹{ MERGEFIELD LocalAuthority }› has invested in its workforce.",
    "‹</p>› Staff morale is good.",
    "Leaders in ‹${authority}› know their services well.",
    "‹<<Authority>>› has invested in its workforce.",
    "Supervision is regular.‹\\n›Caseloads are manageable.",
    "Staff morale is ‹__good__› across the service.",
    "See the ‹[local offer](https://www.example.gov.uk/offer)› for details.",
    "Staff morale is ‹&quot;good&quot;›.",
    "‹<i>Recruitment</i>› remains a challenge.",
    "Leaders in ‹[[authority]]› know their services well.",
    "Leaders in ‹%AUTHORITY%› know their services well.",
    "Leaders in ‹{authority}› know their services well.",
    "Partners share information‹&#8217;›s value.",
    "Caseloads are ‹&lt;› 20.",
    "Supervision is regular.‹</br>› It is reflective.",
    "‹<p>›Supervision is regular.",
    "Staff are ‹<strong>proud</strong>› of their work.",
    "Staff are ‹<em>proud</em>› of their work.",
    "Leaders in ‹{{LA_NAME}}› know their services well.",
    "Staff morale is ‹**good**›.",
    "‹{#if leavers}› Care leavers do well.",
    "Children ‹&lt;›16 are seen weekly.",
    '‹<span style="color:red">›Check this.',
    "‹<!-- check -->› Plans are clear.",
    "Leaders in ‹<LA>› know their services well.",
    "‹<li>› Plans are clear.",
)
NOTES = (
    "‹[check with QA]›",
    "‹[JS to confirm]›",
    "‹[sic]›",
    "‹[move to overview?]›",
    "‹[this was said by the DCS]›",
    "‹[evidence 4b]›",
    "‹[see EB 12]›",
    "‹[repeat of para 3]›",
    "‹[new para]›",
    "‹[too long]›",
    "‹[HMI: agreed]›",
    "‹[AW to check]›",
    "‹[evidence?]›",
    "‹[per DCS]›",
    "‹[see para 12]›",
    "‹[I think this is repetition]›",
    "‹[moved from findings]›",
    "‹[stronger?]›",
    "‹[QA query]›",
    "‹[source?]›",
    "‹[to discuss]›",
    "‹[KM: happy with this]›",
    "‹[wording agreed]›",
    "‹[cf. EIS]›",
    "‹[cut?]›",
    "‹[is this right?]›",
)


def placeholder(draft: Draft, rng: Random) -> Fault:
    if rng.random() < 0.15:
        return _in_another_field(draft, rng)
    return with_sentence(draft, rng, rng.choice(LEFT_OPEN))


def template_markup(draft: Draft, rng: Random) -> Fault:
    if rng.random() < 0.1:
        return with_closing(draft, rng.choice(("‹## Next steps›", "‹# Overview›")))
    return with_sentence(draft, rng, rng.choice(MARKUP))


def bracketed_text(draft: Draft, rng: Random) -> Fault:
    return with_sentence(draft, rng, rng.choice(NOTES))


def _in_another_field(draft: Draft, rng: Random) -> Fault:
    subject = rng.choice(("Focused visit to [local authority] children’s services", "Visit to XXX"))
    addressees = draft.reading.addressees
    line = rng.choice(("[Address line 1]", "[Postcode]", "[Name of council]"))
    first = addressees[0].model_copy(update={"lines": (*addressees[0].lines[:-1], line)})
    return rng.choice(
        (
            Fault(draft.reading_with(subject=subject), ("subject",), subject),
            Fault(draft.reading_with(addressees=(first, *addressees[1:])), ("addressees/1",), line),
        )
    )


PLANTERS = (
    Planter("placeholder", placeholder),
    Planter("template-markup", template_markup, also=("placeholder", "bracketed-text")),
    Planter("bracketed-text", bracketed_text, also=("placeholder",)),
)
