"""Faults of privacy that name or show somebody. All of them are invented."""

from __future__ import annotations

from random import Random

from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import Fault, Planter, with_closing, with_sentence

FORENAMES = (
    "Kelly",
    "Tyler",
    "Amina",
    "Jordan",
    "Chloe",
    "Mohammed",
    "Ethan",
    "Grace",
    "Callum",
    "Ayesha",
    "Leon",
    "Sophie",
    "Zainab",
    "Kai",
    "Megan",
    "Dylan",
    "Fatima",
    "Oliver",
    "Courtney",
    "Ibrahim",
    "Rhys",
    "Bethany",
    "Omar",
    "Lily",
    "Connor",
    "Nadia",
    "Jamal",
    "Harriet",
    "Liam",
    "Precious",
)
SURNAMES = (
    "Harper",
    "Okafor",
    "Begum",
    "Whitfield",
    "Nowak",
    "Pritchard",
    "Sandhu",
    "Byrne",
    "Doyle",
    "Hussain",
    "McCarthy",
    "Adeyemi",
    "Kowalska",
    "Thornton",
    "Ali",
    "Evans",
    "Rahman",
    "O’Connor",
    "Khan",
    "McDonald",
    "Osei",
    "Wiśniewski",
    "Barker",
    "Patel",
    "Jones-Reid",
    "Chowdhury",
    "Walsh",
)
NAMED = (
    "One child, ‹{f}›, waited eight months for an assessment.",
    "‹{f} {s}›, a team manager, told inspectors that caseloads are too high.",
    "The social worker, ‹{f} {s}›, knows the children well.",
    "In ‹{f}’s› case, the risk was not recognised.",
    "‹{f} {s}› and her two brothers were placed together.",
    "‹Ms {s}› described the support that she had received as excellent.",
    "Inspectors met ‹{f} {s}›, head of service, who was open about these weaknesses.",
    "A 15-year-old boy, ‹{f} {s}›, had gone missing several times.",
    "The mother, ‹Mrs {s}›, had not been told of the meeting.",
    "‹{f}› told inspectors that his personal adviser is always there for him.",
    "Practice in the team led by ‹{f} {s}› is stronger.",
    "The independent reviewing officer (‹{f} {s}›) did not challenge this delay.",
    "‹{f} {s}›’s leadership has been pivotal.",
    "A foster carer, ‹Mrs {s}›, told inspectors of her frustration.",
    "‹{f}›, aged nine, said that he likes his social worker.",
    "The assistant director, ‹{f} {s}›, is well sighted on this.",
    "Inspectors spoke with ‹Mr {s}› about his children.",
    "Direct work by ‹{f} {s}› is exceptional.",
    "‹{f} and his sister› were not seen alone.",
    "The family of ‹{f} {s}› has waited too long.",
    "According to ‹{f} {s}›, supervision is regular.",
    "‹{f}›’s foster carers were not told.",
    "One family, the ‹{s}s›, waited a year.",
    "‹{f} {s}›, who chairs the panel, is rigorous.",
    "Work with ‹{f}› (aged 12) is exemplary.",
    "‹Dr {s}›, the designated doctor, raised this.",
    "The allocated worker, ‹{f} {s}›, left in May.",
    "‹{f}› is a care leaver who now studies law.",
    "We thank ‹{f} {s}› for arranging the visit.",
    "‹Mr and Mrs {s}› have fostered for ten years.",
)
FEW = (
    "‹Two children› were placed in unregistered homes.",
    "‹Three young people› in custody had no pathway plan.",
    "At the time of the visit, ‹four children› were missing from care.",
    "Only ‹3 of the 47 children› with a plan had been seen.",
    "‹Two unaccompanied asylum-seeking girls› live outside the county.",
    "‹Three siblings› from one family were placed apart.",
    "‹One child› with a rare heart condition was placed 200 miles away.",
    "‹Two families› from the Traveller community were not visited.",
    "‹Five care leavers› are in prison.",
    "‹Four babies› were removed at birth during the year.",
    "‹Three sets of parents› said that they had not been told.",
    "‹Two brothers› aged six and nine were placed apart.",
    "‹Four young women› were victims of trafficking.",
    "‹Five pupils› have been permanently excluded.",
    "‹Two teenagers› with autism were placed in a caravan.",
    "‹Three infants› were seen too late.",
    "‹Two mothers› in custody had no contact.",
    "‹4 boys› went missing more than ten times.",
    "‹Three foster carers› resigned after a complaint.",
    "‹Two pairs of siblings› were split up.",
    "‹Three grandparents› care for children without support.",
    "‹Four asylum seekers› went missing.",
    "‹Two 17-year-olds› live in a hostel.",
    "‹One of five children› in the secure unit has no plan.",
    "‹Three students› with disabilities left college.",
    "‹Four unborn children› were not assessed.",
    "‹Two children with HIV› were not known to health services.",
    "‹Three pregnant girls› were in care.",
)
MAIL_SENTENCES = (
    "Please send your action plan to ‹{}›.",
    "If you have any questions, please contact ‹{}›.",
    "A copy was sent to ‹{}›.",
    "The team’s address is ‹{}›.",
    "Comments may be e-mailed to ‹{}›.",
    "E-mail: ‹{}›",
    "Please copy your reply to ‹{}›.",
    "The service can be reached at ‹{}›.",
    "For questions, write to ‹{}›.",
    "Contact: ‹{}›",
    "The plan was sent by ‹{}›.",
    "(‹{}›)",
)


def email_address_printed(draft: Draft, rng: Random) -> Fault:
    forename, surname = rng.choice(FORENAMES).lower(), rng.choice(SURNAMES).lower()
    domain = f"{draft.authority.code.replace('-', '')}.gov.uk"
    addresses = (
        f"{forename}.{surname}@{domain}",
        f"{forename[0]}{surname}@{domain}",
        f"childrens.services@{domain}",
        f"{forename}_{surname}@example.com",
        f"{forename.title()}.{surname.title()}@{domain.title()}",
        f"{forename}{rng.randrange(10, 99)}@mail.example",
    )
    address = rng.choice(addresses)
    if rng.random() < 0.3:
        first, *rest = draft.reading.addressees
        line = rng.choice((address, f"Email: {address}", f"E-mail {address}"))
        first = first.model_copy(update={"lines": (*first.lines, line)})
        return Fault(draft.reading_with(addressees=(first, *rest)), ("addressees/1",), line)
    sentence = rng.choice(MAIL_SENTENCES).format(address)
    return (
        with_closing(draft, sentence) if rng.random() < 0.6 else with_sentence(draft, rng, sentence)
    )


def person_named(draft: Draft, rng: Random) -> Fault:
    sentence = rng.choice(NAMED).format(f=rng.choice(FORENAMES), s=rng.choice(SURNAMES))
    return with_sentence(draft, rng, sentence)


def small_number(draft: Draft, rng: Random) -> Fault:
    return with_sentence(draft, rng, rng.choice(FEW))


PLANTERS = (
    Planter("email-address-printed", email_address_printed),
    Planter("person-named", person_named),
    Planter("small-number", small_number),
)
