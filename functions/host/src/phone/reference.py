#!/usr/bin/env python3
"""Writes reference.tsv: how another implementation reads telephone numbers.

    pip install phonenumbers==9.0.42
    python3 reference.py > reference.tsv

The version is that of the tables in the crate rlibphonenumber (METADATA in plan.rs).
"""

import random
from importlib.metadata import version

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

OWN_CODES = 320  # numbers that begin like their country code


def line(*cells):
    print("\t".join(cells))


def written(number, form):
    return phonenumbers.format_number(number, form)


def examples():
    """Region, kind, national form, international form, E.164."""
    kinds = {"mobile": PhoneNumberType.MOBILE, "fixed_line": PhoneNumberType.FIXED_LINE}
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for name, kind in kinds.items():
            number = phonenumbers.example_number_for_type(region, kind)
            if number is None:
                continue
            national = written(number, PhoneNumberFormat.NATIONAL)
            e164 = written(number, PhoneNumberFormat.E164)
            read = phonenumbers.parse(national, region)
            assert written(read, PhoneNumberFormat.E164) == e164, (region, national)
            international = written(number, PhoneNumberFormat.INTERNATIONAL)
            line("example", region, name, national, international, e164)


def own_codes():
    """Region, digits as dialled inside it, E.164: valid numbers that begin like their own code."""
    chance = random.Random(42)
    found = set()
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    while len(found) < OWN_CODES:
        region = chance.choice(regions)
        code = str(phonenumbers.country_code_for_region(region))
        plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
        lengths = [n for n in plan.general_desc.possible_length if n > len(code)]
        for _ in range(400):
            rest = chance.choice(lengths) - len(code)
            digits = code + "".join(chance.choice("0123456789") for _ in range(rest))
            try:
                number = phonenumbers.parse(digits, region)
            except phonenumbers.NumberParseException:
                continue
            whole = phonenumbers.national_significant_number(number) == digits
            if whole and phonenumbers.is_valid_number_for_region(number, region):
                found.add((region, digits, written(number, PhoneNumberFormat.E164)))
                break
    for cells in sorted(found):
        line("own_code", *cells)


print(f"# phonenumbers {version('phonenumbers')}, written by reference.py")
examples()
own_codes()
