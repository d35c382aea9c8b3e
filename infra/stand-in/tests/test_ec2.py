"""EC2: what a containment asks for."""

import dataclasses
from typing import Any

import pytest
from conftest import Client
from functions import fails

NONE = "i-0123456789abcdef0"
NO_GROUP = "sg-00000000"
SSH = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]


@dataclasses.dataclass
class Scene:
    """A running instance, its interface and volume, and a group to isolate it with."""

    ec2: Any
    instance: str
    interface: str
    volume: str
    group: str

    def groups(self) -> tuple[list[str], list[str]]:
        """The groups of the instance and of its interface."""
        interfaces = self.ec2.describe_network_interfaces(NetworkInterfaceIds=[self.interface])["NetworkInterfaces"]
        of_both = (self.described()["SecurityGroups"], interfaces[0]["Groups"])
        return tuple([one["GroupId"] for one in groups] for groups in of_both)  # type: ignore[return-value]

    def described(self) -> dict[str, Any]:
        """The instance."""
        return self.ec2.describe_instances(InstanceIds=[self.instance])["Reservations"][0]["Instances"][0]


@pytest.fixture
def scene(stand_in: Client) -> Scene:
    """A scene."""
    ec2 = stand_in.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName="isolated", Description="d", VpcId=vpc)["GroupId"]
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "name", "Value": "web"}]}]
    made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=tags)["Instances"][0]
    found = ec2.describe_instances(InstanceIds=[made["InstanceId"]])["Reservations"][0]["Instances"][0]
    volume = found["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    interface = found["NetworkInterfaces"][0]["NetworkInterfaceId"]
    return Scene(ec2, made["InstanceId"], interface, volume, group)


def test_instances_are_described(scene: Scene) -> None:
    found = scene.ec2.describe_instances(Filters=[{"Name": "tag:name", "Values": ["web"]}])["Reservations"]
    assert [one["InstanceId"] for one in found[0]["Instances"]] == [scene.instance]
    assert scene.described()["State"]["Name"] == "running"
    fails("InvalidInstanceID.NotFound", scene.ec2.describe_instances, InstanceIds=[NONE])


def test_an_instance_changes_its_groups(scene: Scene) -> None:
    scene.ec2.modify_instance_attribute(InstanceId=scene.instance, Groups=[scene.group])
    assert scene.groups() == ([scene.group], [scene.group])
    change = scene.ec2.modify_instance_attribute
    fails("InvalidGroup.NotFound", change, InstanceId=scene.instance, Groups=[scene.group, NO_GROUP])
    fails("InvalidInstanceID.NotFound", change, InstanceId=NONE, Groups=[scene.group])
    assert scene.groups() == ([scene.group], [scene.group])


def test_an_interface_changes_its_groups(scene: Scene) -> None:
    change = scene.ec2.modify_network_interface_attribute
    change(NetworkInterfaceId=scene.interface, Groups=[scene.group])
    assert scene.groups() == ([scene.group], [scene.group])
    fails("InvalidGroup.NotFound", change, NetworkInterfaceId=scene.interface, Groups=[NO_GROUP])
    fails("InvalidNetworkInterfaceID.NotFound", change, NetworkInterfaceId="eni-00000000", Groups=[scene.group])
    assert scene.groups() == ([scene.group], [scene.group])


def test_security_groups(scene: Scene) -> None:
    ec2, group = scene.ec2, {"GroupId": scene.group}
    ec2.authorize_security_group_ingress(**group, IpPermissions=SSH)
    fails("InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, **group, IpPermissions=SSH)
    ec2.revoke_security_group_ingress(**group, IpPermissions=SSH)
    fails("InvalidPermission.NotFound", ec2.revoke_security_group_ingress, **group, IpPermissions=SSH)
    every = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(**group, IpPermissions=every)
    [found] = ec2.describe_security_groups(GroupIds=[scene.group])["SecurityGroups"]
    assert found["IpPermissions"] == found["IpPermissionsEgress"] == []
    vpc = found["VpcId"]
    again = {"GroupName": "isolated", "Description": "d", "VpcId": vpc}
    fails("InvalidGroup.Duplicate", ec2.create_security_group, **again)
    fails("InvalidGroup.NotFound", ec2.describe_security_groups, GroupIds=[NO_GROUP])
    fails("InvalidGroup.NotFound", ec2.authorize_security_group_ingress, GroupId=NO_GROUP, IpPermissions=SSH)


def test_a_group_in_use_stays(scene: Scene) -> None:
    scene.ec2.modify_instance_attribute(InstanceId=scene.instance, Groups=[scene.group])
    fails("DependencyViolation", scene.ec2.delete_security_group, GroupId=scene.group)
    scene.ec2.terminate_instances(InstanceIds=[scene.instance])
    scene.ec2.delete_security_group(GroupId=scene.group)
    fails("InvalidGroup.NotFound", scene.ec2.describe_security_groups, GroupIds=[scene.group])


def test_volumes_and_snapshots(scene: Scene) -> None:
    ec2 = scene.ec2
    attached = [{"Name": "attachment.instance-id", "Values": [scene.instance]}]
    assert [one["VolumeId"] for one in ec2.describe_volumes(Filters=attached)["Volumes"]] == [scene.volume]
    tags = [{"ResourceType": "snapshot", "Tags": [{"Key": "case", "Value": "1"}]}]
    [made] = ec2.create_snapshots(InstanceSpecification={"InstanceId": scene.instance}, TagSpecifications=tags)[
        "Snapshots"
    ]
    assert made["VolumeId"] == scene.volume
    [found] = ec2.describe_snapshots(Filters=[{"Name": "tag:case", "Values": ["1"]}])["Snapshots"]
    assert (found["SnapshotId"], found["State"]) == (made["SnapshotId"], "completed")
    fails("InvalidInstanceID.NotFound", ec2.create_snapshots, InstanceSpecification={"InstanceId": NONE})
    fails("InvalidVolume.NotFound", ec2.create_snapshot, VolumeId="vol-00000000")
    fails("InvalidVolume.NotFound", ec2.describe_volumes, VolumeIds=["vol-00000000"])


def test_images(scene: Scene) -> None:
    image = scene.ec2.create_image(InstanceId=scene.instance, Name="evidence", NoReboot=True)["ImageId"]
    [found] = scene.ec2.describe_images(ImageIds=[image])["Images"]
    assert (found["Name"], found["State"]) == ("evidence", "available")
    fails("InvalidInstanceID.NotFound", scene.ec2.create_image, InstanceId=NONE, Name="evidence")


def test_tags(scene: Scene) -> None:
    ec2, tags = scene.ec2, [{"Key": "case", "Value": "1"}]
    ec2.create_tags(Resources=[scene.instance, scene.volume], Tags=tags)
    found = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["case"]}])["Tags"]
    assert {one["ResourceId"] for one in found} == {scene.instance, scene.volume}
    ec2.delete_tags(Resources=[scene.instance], Tags=[{"Key": "case"}])
    assert [one["Key"] for one in scene.described()["Tags"]] == ["name"]
    fails("InvalidInstanceID.NotFound", ec2.create_tags, Resources=[NONE], Tags=tags)


def test_stop_and_protection(scene: Scene) -> None:
    ec2, ids = scene.ec2, [scene.instance]
    ec2.modify_instance_attribute(InstanceId=scene.instance, DisableApiTermination={"Value": True})
    found = ec2.describe_instance_attribute(InstanceId=scene.instance, Attribute="disableApiTermination")
    assert found["DisableApiTermination"] == {"Value": True}
    fails("OperationNotPermitted", ec2.terminate_instances, InstanceIds=ids)
    ec2.stop_instances(InstanceIds=ids)
    assert scene.described()["State"]["Name"] == "stopped"
    ec2.start_instances(InstanceIds=ids)
    assert scene.described()["State"]["Name"] == "running"
    ec2.modify_instance_attribute(InstanceId=scene.instance, DisableApiTermination={"Value": False})
    ec2.terminate_instances(InstanceIds=ids)
    assert scene.described()["State"]["Name"] == "terminated"


def test_network_acls(scene: Scene) -> None:
    ec2 = scene.ec2
    name = ec2.describe_network_acls()["NetworkAcls"][0]["NetworkAclId"]
    rule = {"RuleNumber": 1, "Egress": False}
    entry = {**rule, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "203.0.113.5/32"}
    ec2.create_network_acl_entry(NetworkAclId=name, **entry)
    found = ec2.describe_network_acls(NetworkAclIds=[name])["NetworkAcls"][0]["Entries"]
    assert entry in found
    fails("NetworkAclEntryAlreadyExists", ec2.create_network_acl_entry, NetworkAclId=name, **entry)
    fails("InvalidNetworkAclID.NotFound", ec2.create_network_acl_entry, NetworkAclId="acl-00000000", **entry)
    ec2.delete_network_acl_entry(NetworkAclId=name, **rule)
    fails("InvalidNetworkAclEntry.NotFound", ec2.delete_network_acl_entry, NetworkAclId=name, **rule)


def test_route_tables(scene: Scene) -> None:
    ec2 = scene.ec2
    table = ec2.describe_route_tables()["RouteTables"][0]["RouteTableId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "10.9.0.0/16"}
    ec2.create_route(**route, NetworkInterfaceId=scene.interface)
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert "10.9.0.0/16" in [one.get("DestinationCidrBlock") for one in routes]
    ec2.delete_route(**route)
    fails("InvalidRoute.NotFound", ec2.delete_route, **route)


def test_a_dry_run_changes_nothing(scene: Scene) -> None:
    ec2, before = scene.ec2, scene.groups()
    instance = {"InstanceId": scene.instance}
    for call, order in [
        (ec2.modify_instance_attribute, {**instance, "Groups": [scene.group]}),
        (ec2.modify_network_interface_attribute, {"NetworkInterfaceId": scene.interface, "Groups": [scene.group]}),
        (ec2.stop_instances, {"InstanceIds": [scene.instance]}),
        (ec2.create_snapshots, {"InstanceSpecification": instance}),
        (ec2.create_image, {**instance, "Name": "evidence"}),
        (ec2.create_tags, {"Resources": [scene.instance], "Tags": [{"Key": "case", "Value": "1"}]}),
    ]:
        fails("DryRunOperation", call, **order, DryRun=True)
    assert scene.groups() == before and scene.described()["State"]["Name"] == "running"
    assert [one["Key"] for one in scene.described()["Tags"]] == ["name"]
