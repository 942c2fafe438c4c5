"""Affirmed and denied: sentences for the negation of facts, written before what reads them.

The first third may be looked at while rules are made; ``HELD_OUT`` is only ever counted.
"""

from __future__ import annotations

# a claim, the same otherwise, its denial, the denial otherwise
DENIALS = (
    (
        "Gift cards can be exchanged for cash.",
        "You can exchange gift cards for cash.",
        "Gift cards cannot be exchanged for cash.",
        "Exchanging gift cards for cash is not possible.",
    ),
    (
        "Your order has shipped.",
        "We have shipped your order.",
        "Your order has not shipped yet.",
        "We haven't shipped your order.",
    ),
    (
        "The plan comes with a free trial.",
        "A free trial comes with the plan.",
        "The plan does not come with a free trial.",
        "There is no free trial with the plan.",
    ),
    (
        "The patient is allergic to penicillin.",
        "Penicillin is something the patient is allergic to.",
        "The patient is not allergic to penicillin.",
        "The patient isn't allergic to penicillin.",
    ),
    (
        "Both parties signed the contract.",
        "The contract was signed by both parties.",
        "Neither party signed the contract.",
        "The contract was not signed by either party.",
    ),
    (
        "The function modifies the list in place.",
        "The list is modified in place by the function.",
        "The function does not modify the list in place.",
        "The function leaves the list unmodified.",
    ),
    (
        "The outage affected customers in Spain.",
        "Customers in Spain were affected by the outage.",
        "The outage did not affect customers in Spain.",
        "Customers in Spain were unaffected by the outage.",
    ),
    (
        "Interest accrues during the grace period.",
        "During the grace period, interest accrues.",
        "No interest accrues during the grace period.",
        "During the grace period, interest does not accrue.",
    ),
    (
        "We found evidence of a data breach.",
        "Evidence of a data breach was found.",
        "We found no evidence of a data breach.",
        "We did not find any evidence of a data breach.",
    ),
    (
        "The seller is responsible for customs fees.",
        "Customs fees are the responsibility of the seller.",
        "The seller is not responsible for customs fees.",
        "Customs fees are not the responsibility of the seller.",
    ),
    (
        "The vaccine needs refrigeration.",
        "Refrigeration is needed for the vaccine.",
        "The vaccine does not need refrigeration.",
        "No refrigeration is needed for the vaccine.",
    ),
    (
        "Students have access to the archive.",
        "The archive is accessible to students.",
        "Students have no access to the archive.",
        "Students do not have access to the archive.",
    ),
    (
        "The meeting was recorded.",
        "They recorded the meeting.",
        "The meeting was not recorded.",
        "Nobody recorded the meeting.",
    ),
    (
        "The migration changes existing URLs.",
        "Existing URLs are changed by the migration.",
        "The migration does not change existing URLs.",
        "Existing URLs are not changed by the migration.",
    ),
    (
        "The landlord may enter without notice.",
        "The landlord is allowed to enter without notice.",
        "The landlord may not enter without notice.",
        "The landlord is not allowed to enter without notice.",
    ),
    (
        "Your subscription renews automatically each year.",
        "Each year your subscription renews automatically.",
        "Your subscription does not renew automatically each year.",
        "Your subscription will not renew automatically each year.",
    ),
    (
        "The engine starts in cold weather.",
        "In cold weather the engine starts.",
        "The engine does not start in cold weather.",
        "In cold weather the engine won't start.",
    ),
    (
        "The witness recognised the suspect.",
        "The suspect was recognised by the witness.",
        "The witness did not recognise the suspect.",
        "The suspect was not recognised by the witness.",
    ),
    (
        "Late submissions are accepted.",
        "We accept late submissions.",
        "Late submissions are not accepted.",
        "We do not accept late submissions.",
    ),
    (
        "The tenant paid the rent for May. The deposit was returned.",
        "The rent for May was paid by the tenant. The deposit was returned.",
        "The tenant did not pay the rent for May. The deposit was returned.",
        "The rent for May was not paid by the tenant. The deposit was returned.",
    ),
    (
        "Thanks for asking. The hotel has a lift. Check-in starts at 3 pm.",
        "There is a lift in the hotel. Check-in starts at 3 pm.",
        "Thanks for asking. The hotel has no lift. Check-in starts at 3 pm.",
        "There is no lift in the hotel. Check-in starts at 3 pm.",
    ),
    (
        "The treatment improves survival in older patients.",
        "In older patients, the treatment improves survival.",
        "The treatment does not improve survival in older patients.",
        "In older patients, survival is not improved by the treatment.",
    ),
    (
        "Passengers with hand luggage have to check in at the counter.",
        "Passengers with hand luggage must check in at the counter.",
        "Passengers with hand luggage do not have to check in at the counter.",
        "Passengers with hand luggage don't need to check in at the counter.",
    ),
    (
        "The tool sends your source code to our servers.",
        "Your source code is sent to our servers by the tool.",
        "The tool never sends your source code to our servers.",
        "Your source code is never sent to our servers.",
    ),
    (
        "The cake contains nuts.",
        "There are nuts in the cake.",
        "The cake contains no nuts.",
        "The cake does not contain nuts.",
    ),
    (
        "The bridge was built by the Romans.",
        "It was the Romans who built the bridge.",
        "The bridge was not built by the Romans.",
        "It was not the Romans who built the bridge.",
    ),
    (
        "Overtime is paid at a higher rate.",
        "Overtime gets paid at a higher rate.",
        "Overtime is not paid at a higher rate.",
        "Overtime isn't paid at a higher rate.",
    ),
    (
        "The proposal had support from the board.",
        "The board supported the proposal.",
        "The proposal had no support from the board.",
        "The board did not support the proposal.",
    ),
    (
        "You should take this medicine with alcohol.",
        "It is fine to take this medicine with alcohol.",
        "You should not take this medicine with alcohol.",
        "Do not take this medicine with alcohol.",
    ),
    (
        "Both keys are needed to open the safe.",
        "To open the safe, both keys are needed.",
        "Both keys are not needed to open the safe.",
        "To open the safe, you do not need both keys.",
    ),
)
TUNING, HELD_OUT = DENIALS[:10], DENIALS[10:]
