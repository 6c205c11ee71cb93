// Resource types of @pulumi/digitalocean that have no price of their own here: those that cost nothing, and those whose
// price nobody has read. By class name.

/** Pulumi's type token of a class: `digitalocean:index/droplet:Droplet`. */
export const tokenOf = (className: string): string =>
  `digitalocean:index/${className.charAt(0).toLowerCase()}${className.slice(1)}:${className}`;

const cluster = "part of its database cluster";
const bucket = "part of the Spaces subscription";
const agent = "part of its agent or knowledge base";

/** Why DigitalOcean bills nothing for it. */
export const free: Record<string, string> = {
  Cdn: "the CDN is free, and its traffic is its bucket's",
  Certificate: "certificates are free",
  ContainerRegistryDockerCredentials: "credentials are free",
  DatabaseAdvancedMysqlConfig: cluster,
  DatabaseAdvancedPostgresqlConfig: cluster,
  DatabaseConnectionPool: cluster,
  DatabaseDb: cluster,
  DatabaseFirewall: cluster,
  DatabaseKafkaConfig: cluster,
  DatabaseKafkaSchemaRegistry: cluster,
  DatabaseKafkaTopic: cluster,
  DatabaseLogsinkOpensearch: cluster,
  DatabaseLogsinkRsyslog: cluster,
  DatabaseMongodbConfig: cluster,
  DatabaseMysqlConfig: cluster,
  DatabaseOnlineMigration: cluster,
  DatabaseOpensearchConfig: cluster,
  DatabasePostgresqlConfig: cluster,
  DatabaseRedisConfig: cluster,
  DatabaseUser: cluster,
  DatabaseValkeyConfig: cluster,
  DedicatedInferenceToken: "credentials are free",
  DnsRecord: "DNS is free",
  Domain: "DNS is free",
  Firewall: "cloud firewalls are free",
  FloatingIpAssignment: "the address is what is billed",
  GenaiAgentKnowledgeBaseAttachment: agent,
  GenaiAgentRoute: agent,
  GenaiIndexingJobCancel: agent,
  GenaiOpenaiApiKey: "credentials are free",
  GradientaiAgentKnowledgeBaseAttachment: agent,
  GradientaiAgentRoute: agent,
  GradientaiIndexingJobCancel: agent,
  GradientaiOpenaiApiKey: "credentials are free",
  MonitorAlert: "monitoring is free",
  NfsAccessPoint: "part of its file share",
  NfsAttachment: "part of its file share",
  Project: "projects are free",
  ProjectResources: "projects are free",
  ReservedIpAssignment: "the address is what is billed",
  ReservedIpv6Assignment: "the address is what is billed",
  SpacesBucketCorsConfiguration: bucket,
  SpacesBucketLogging: bucket,
  SpacesBucketObject: bucket,
  SpacesBucketPolicy: bucket,
  SpacesKey: "credentials are free",
  SshKey: "SSH keys are free",
  Tag: "tags are free",
  UptimeAlert: "part of its uptime check",
  VolumeAttachment: "the volume is what is billed",
  Vpc: "VPCs and the traffic in them are free",
};

const inference = "inference is billed by use, at prices that this book does not have";
const fileShare = "this book has no prices of network file storage";

/** Why its price is not known. */
export const unread: Record<string, string> = {
  App: "this book has no prices of App Platform",
  ByoipPrefix: "this book has no price of own address ranges",
  CustomImage: "this book has no price of stored images",
  DedicatedInference: inference,
  GenaiAgent: inference,
  GenaiFunction: inference,
  GenaiKnowledgeBase: inference,
  GenaiKnowledgeBaseDataSource: inference,
  GradientaiAgent: inference,
  GradientaiCustomModel: inference,
  GradientaiFunction: inference,
  GradientaiKnowledgeBase: inference,
  GradientaiKnowledgeBaseDataSource: inference,
  Nfs: fileShare,
  NfsSnapshot: fileShare,
  PartnerAttachment: "this book has no price of partner attachments",
  ReservedIpv6: "this book has no price of reserved IPv6 addresses",
  VectorDatabase: "this book has no price of vector databases",
  VpcNatGateway: "this book has no price of NAT gateways: no copy of the official VPC pricing page was found",
  VpcPeering: "this book has no price of VPC peering",
};
