"""The part of an audit that looks at what lies beside the windows for readers: ``contract/`` and ``exports/``."""

from transforms.contract import PREFIX, contract_files
from transforms.file_index import IndexBrokenError, folder_faults, index_of, read_index
from transforms.findings import Report
from transforms.manifest_chain import LATEST
from transforms.store import EXPORTS, Store


def audit_kit(store: Store, report: Report) -> None:
    """Add what is wrong with both to a report; nothing before latest.json is there, which they come before or with."""
    if store.read_versioned(LATEST) is None:
        return
    contract, exports = store.names(PREFIX), store.names(EXPORTS)
    report.examined["contract"] += len(contract)
    if not contract:
        report.add("contract", PREFIX, "is not there: readers have no schemas and no SQL; the next run writes it")
    else:
        faults = list(folder_faults(store, PREFIX))
        for where, message in faults:
            report.add("contract", where, message)
        if not faults and _is_another_version_s(store):
            report.warnings.append("contract/ is not this version's: it was held against its own index alone")
    report.examined["exports"] += len(exports)
    if not exports:
        report.warnings.append("there are no exports/; they come with the next window of another hour")
    for where, message in folder_faults(store, EXPORTS) if exports else ():
        report.add("exports", where, message)


def _is_another_version_s(store: Store) -> bool:
    try:
        index = read_index(store, PREFIX)
    except IndexBrokenError:  # since it was looked at
        return True
    return index is None or (not index.renewing and index != index_of(contract_files()))
