"""Affirmed and denied: sentences for the negation of facts.

DENIALS were written before the rules that read them: ten may be looked at while rules are made,
HELD_OUT is only ever counted. LATEST were written last, when the rules were settled.
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
LOOKED_AT = (
    # counted once (.88 caught, 1 false alarm in 48), and then looked at
    (
        "The museum shop sells postcards.",
        "Postcards are sold in the museum shop.",
        "The museum shop does not sell postcards.",
        "No postcards are sold in the museum shop.",
    ),
    (
        "Your visa application was approved.",
        "We have approved your visa application.",
        "Your visa application was not approved.",
        "We could not approve your visa application.",
    ),
    (
        "The suspect had been at the scene before.",
        "Before, the suspect had been at the scene.",
        "The suspect had never been at the scene before.",
        "The suspect had not been at the scene before.",
    ),
    (
        "Hotel guests can park in the courtyard.",
        "Parking in the courtyard is possible for hotel guests.",
        "Hotel guests cannot park in the courtyard.",
        "Parking in the courtyard is not possible for hotel guests.",
    ),
    (
        "The new firmware supports older printers.",
        "Older printers are supported by the new firmware.",
        "The new firmware no longer supports older printers.",
        "Older printers are not supported by the new firmware.",
    ),
    (
        "An adult must accompany the child.",
        "The child has to be accompanied by an adult.",
        "An adult need not accompany the child.",
        "The child does not have to be accompanied by an adult.",
    ),
    (
        "The test results were conclusive.",
        "We got conclusive test results.",
        "The test results were not conclusive.",
        "The test results were inconclusive.",
    ),
    (
        "The company disclosed the payment to investors.",
        "The payment was disclosed to investors by the company.",
        "The company did not disclose the payment to investors.",
        "The payment was not disclosed to investors.",
    ),
    (
        "The train to Graz stops in Bruck.",
        "In Bruck, the train to Graz stops.",
        "The train to Graz does not stop in Bruck.",
        "The train to Graz won't stop in Bruck.",
    ),
    (
        "Anyone can edit this page.",
        "This page can be edited by anyone.",
        "Nobody can edit this page.",
        "This page cannot be edited.",
    ),
    (
        "The drug interacts with grapefruit juice.",
        "Grapefruit juice interacts with the drug.",
        "The drug does not interact with grapefruit juice.",
        "There is no interaction between the drug and grapefruit juice.",
    ),
    (
        "Our office is staffed at weekends.",
        "At weekends our office is staffed.",
        "Our office is unstaffed at weekends.",
        "At weekends our office is not staffed.",
    ),
    # counted once (.87 caught, no false alarm), and then looked at
    (
        "The clinic treats patients from abroad.",
        "Patients from abroad are treated at the clinic.",
        "The clinic does not treat patients from abroad.",
        "Patients from abroad are not treated at the clinic.",
    ),
    (
        "Your warranty has expired.",
        "The warranty you had has expired.",
        "Your warranty has not expired.",
        "Your warranty hasn't expired yet.",
    ),
    (
        "Subscribers receive a printed magazine.",
        "A printed magazine is sent to subscribers.",
        "Subscribers do not receive a printed magazine.",
        "No printed magazine is sent to subscribers.",
    ),
    (
        "The judge dismissed the claim.",
        "The claim was dismissed by the judge.",
        "The judge did not dismiss the claim.",
        "The claim was not dismissed.",
    ),
    (
        "It is safe to delete the cache folder while the server runs.",
        "You can safely delete the cache folder while the server runs.",
        "It is not safe to delete the cache folder while the server runs.",
        "It is unsafe to delete the cache folder while the server runs.",
    ),
    (
        "The quote includes installation.",
        "Installation is part of the quote.",
        "The quote does not include installation.",
        "Installation is not part of the quote.",
    ),
    (
        "All rooms have air conditioning.",
        "There is air conditioning in all rooms.",
        "No room has air conditioning.",
        "None of the rooms has air conditioning.",
    ),
    (
        "The manager knew about the risk.",
        "The risk was known to the manager.",
        "The manager did not know about the risk.",
        "The manager was unaware of the risk.",
    ),
    (
        "You are allowed to resell the tickets.",
        "The tickets may be resold.",
        "You are not allowed to resell the tickets.",
        "The tickets may not be resold.",
    ),
    (
        "The algorithm is deterministic.",
        "This is a deterministic algorithm.",
        "The algorithm is not deterministic.",
        "The algorithm is non-deterministic.",
    ),
    (
        "Delivery to islands costs extra.",
        "Islands cost extra to deliver to.",
        "Delivery to islands does not cost extra.",
        "Delivery to islands costs nothing extra.",
    ),
    (
        "We have received your payment for invoice 4411.",
        "Your payment for invoice 4411 has arrived.",
        "We have not received your payment for invoice 4411.",
        "Your payment for invoice 4411 has not arrived.",
    ),
)

LATEST = (
    (
        "The library charges for lost books.",
        "Lost books are charged for by the library.",
        "The library does not charge for lost books.",
        "There is no charge for lost books at the library.",
    ),
    (
        "Your parcel has left the warehouse.",
        "The parcel left our warehouse.",
        "Your parcel has not left the warehouse.",
        "Your parcel hasn't left our warehouse yet.",
    ),
    (
        "The server restarts after the update.",
        "After the update, the server restarts.",
        "The server does not restart after the update.",
        "After the update, the server won't restart.",
    ),
    (
        "The auditors found irregularities in the accounts.",
        "Irregularities were found in the accounts by the auditors.",
        "The auditors found no irregularities in the accounts.",
        "The auditors did not find any irregularities in the accounts.",
    ),
    (
        "Volunteers are insured during the event.",
        "During the event, volunteers are insured.",
        "Volunteers are not insured during the event.",
        "During the event, volunteers are uninsured.",
    ),
    (
        "The senator voted for the bill in March.",
        "In March, the senator voted for the bill.",
        "The senator did not vote for the bill in March.",
        "In March, the senator did not vote for the bill.",
    ),
    (
        "You can combine this coupon with other offers.",
        "This coupon can be combined with other offers.",
        "You cannot combine this coupon with other offers.",
        "Combining this coupon with other offers is not allowed.",
    ),
    (
        "The recipe needs eggs.",
        "Eggs are needed for the recipe.",
        "The recipe needs no eggs.",
        "The recipe does not need eggs.",
    ),
    (
        "Members of the press may attend the hearing.",
        "The hearing may be attended by members of the press.",
        "Members of the press may not attend the hearing.",
        "Members of the press are not permitted to attend the hearing.",
    ),
    (
        "The new law applies to freelancers.",
        "Freelancers are subject to the new law.",
        "The new law does not apply to freelancers.",
        "Freelancers are not subject to the new law.",
    ),
)
TUNING, HELD_OUT = (*DENIALS[:10], *LOOKED_AT), DENIALS[10:]
