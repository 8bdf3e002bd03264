"""Finding the person behind an id: a patient, or a payer who is none."""

from __future__ import annotations

from shared.domain.contacts import Person, Privacy, patient_code, person_of_patient, person_of_payer
from shared.domain.errors import InvalidInput, NotFound
from shared.domain.links import ContactLink
from shared.domain.records import Appointment, Payer
from shared.ports import Ports
from shared.services import paths
from shared.services.privacy import privacy_choice


def find_person(ports: Ports, practice_id: str, person_id: str) -> Person:
    """Raises NotFound for an id that this practice does not know."""
    patient = ports.records.patient(practice_id, person_id)
    if patient is not None:
        return person_of_patient(patient, privacy_of(ports, practice_id))
    payer = ports.store.get(paths.payer(practice_id, person_id))
    if payer is None:
        raise NotFound(f"There is no patient {person_id!r} in this practice")
    return person_of_payer(Payer(name=payer.data["name"], email=payer.data.get("email")))


def payer_of(ports: Ports, practice_id: str, appointment: Appointment) -> Person:
    """Who the invoice goes to. A payer given by name is kept, so that its id leads back to it."""
    person, named = who_pays(ports, practice_id, appointment)
    if named:
        data = {"name": person.name} | ({"email": person.email} if person.email else {})
        path = paths.payer(practice_id, person.id)
        if ports.store.get(path) is None:
            ports.store.put(path, data)
    return person


def who_pays(ports: Ports, practice_id: str, appointment: Appointment) -> tuple[Person, bool]:
    """The appointment's payer, else the patient's, else the patient; True for a payer who is given by name."""
    patient = ports.records.patient(practice_id, appointment.patient_id)
    if patient is None:
        raise InvalidInput.of(
            "appointment_id",
            f"its patient {appointment.patient_id!r} is not known; PUT /clinic/patients/{appointment.patient_id} first",
        )
    payer = appointment.payer or patient.payer
    if payer is None:
        return person_of_patient(patient, privacy_of(ports, practice_id)), False
    try:
        if payer.patient_id:
            return find_person(ports, practice_id, payer.patient_id), False
    except NotFound:
        message = f"no patient {payer.patient_id!r} in this practice"
        raise InvalidInput.of("payer.patient_id", message) from None
    person = person_of_payer(payer)
    try:
        return find_person(ports, practice_id, person.id), True  # as first written: "ACME" and "Acme" are one
    except NotFound:
        return person, True


def code_for_payer(ports: Ports, practice_id: str, appointment: Appointment) -> str | None:
    """The patient's code when somebody else gets the invoice, who has to see for whom it is; None otherwise."""
    patient = ports.records.patient(practice_id, appointment.patient_id)
    if patient is None:
        return None  # told elsewhere, with its field
    payer = appointment.payer or patient.payer
    return None if payer is None or payer.patient_id == patient.id else patient_code(patient)


def privacy_of(ports: Ports, practice_id: str) -> Privacy:
    settings = privacy_choice(ports, practice_id).settings
    return Privacy(settings.privacy_mode, settings.contact_details)


def read_contact_link(ports: Ports, practice_id: str, person_id: str) -> ContactLink | None:
    document = ports.store.get(paths.contact_link(practice_id, person_id))
    return ContactLink.from_data(document.data) if document else None
