"""EC2 beyond moto: what a containment asks for and AWS would refuse, and groups that instance and interface share."""

import functools
from typing import Any

from moto.ec2.exceptions import DependencyViolationError, EC2ClientError, InvalidSecurityGroupNotFoundError
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance
from moto.ec2.responses.tags import TagResponse

from stand_in.answers import Wsgi
from stand_in.world import World


def install(world: World) -> dict[str, Wsgi]:
    """Patches moto's EC2."""
    _share_groups()
    _modify_instance()
    _modify_interface()
    _guard_deletions()
    _tag_known_only()
    return {}


def _share_groups() -> None:
    # Moto adds the groups of the instance to those of the interface, so that an isolated one would keep its old ones.
    NetworkInterface.group_set = property(lambda self: list(self._group_set))  # type: ignore[assignment]


def _known_groups(backend: Any, ids: list[str]) -> list[Any]:
    found = [backend.get_security_group_from_id(one) for one in ids]
    for one, group in zip(ids, found, strict=True):
        if group is None:
            raise InvalidSecurityGroupNotFoundError(one)
    return found


def _first_interface(instance: Instance) -> NetworkInterface | None:
    return instance.nics.get(0)


def _modify_instance() -> None:
    modify = EC2Backend.modify_instance_security_groups

    @functools.wraps(modify)
    def checked(self: EC2Backend, instance_id: str, new_group_id_list: list[str]) -> Instance:
        self.get_instance(instance_id)
        groups = _known_groups(self, new_group_id_list)
        instance = modify(self, instance_id, new_group_id_list)
        if (interface := _first_interface(instance)) is not None:
            interface._group_set = groups
        return instance

    # Moto takes any group.
    EC2Backend.modify_instance_security_groups = checked  # type: ignore[method-assign]


def _modify_interface() -> None:
    modify = EC2Backend.modify_network_interface_attribute

    @functools.wraps(modify)
    def checked(self: EC2Backend, eni_id: str, group_ids: list[str], *values: Any, **named: Any) -> None:
        interface = self.get_network_interface(eni_id)
        groups = _known_groups(self, group_ids)
        modify(self, eni_id, group_ids, *values, **named)
        instance = interface.instance
        if groups and instance is not None and _first_interface(instance) is interface:
            instance.security_groups = groups

    EC2Backend.modify_network_interface_attribute = checked  # type: ignore[method-assign]


def _is_left(interface: NetworkInterface) -> bool:
    # Moto keeps the interfaces of terminated instances.
    return interface.instance is not None and interface.instance._state.name == "terminated"


def _guard_deletions() -> None:
    delete_group, delete_entry = EC2Backend.delete_security_group, EC2Backend.delete_network_acl_entry

    @functools.wraps(delete_group)
    def unused(self: EC2Backend, name: str | None = None, group_id: str | None = None) -> None:
        interfaces = [one for one in list(self.enis.values()) if not _is_left(one)]
        if group_id in {group.id for interface in interfaces for group in interface.group_set}:
            raise DependencyViolationError(f"resource {group_id} has a dependent object")
        delete_group(self, name, group_id)

    @functools.wraps(delete_entry)
    def present(self: EC2Backend, network_acl_id: str, rule_number: int, egress: bool) -> Any:
        entries = self.get_network_acl(network_acl_id).network_acl_entries
        if not any(entry.egress == egress and entry.rule_number == rule_number for entry in entries):
            words = f"The specified rule number {rule_number} does not exist in the network acl '{network_acl_id}'"
            raise EC2ClientError("InvalidNetworkAclEntry.NotFound", words)
        return delete_entry(self, network_acl_id, rule_number, egress)

    # Moto deletes groups that are in use.
    EC2Backend.delete_security_group = unused  # type: ignore[method-assign]
    # Moto fails where there is no entry.
    EC2Backend.delete_network_acl_entry = present  # type: ignore[method-assign]


def _tag_known_only() -> None:
    tag = TagResponse.create_tags

    @functools.wraps(tag)
    def checked(self: TagResponse) -> Any:
        for one in self._get_param("Resources", []):
            if one.startswith("i-"):
                self.ec2_backend.get_instance(one)
        return tag(self)

    # Moto tags what is not there. New instances are tagged within moto, before they are listed.
    TagResponse.create_tags = checked  # type: ignore[method-assign]
