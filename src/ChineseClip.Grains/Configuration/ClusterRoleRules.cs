using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Configuration;

/// <summary>Every role is known, and there is one.</summary>
internal sealed class ClusterRoleRules : IValidateOptions<ClusterRoleOptions>
{
    private static readonly string[] Known = SiloRoles.Split(SiloRoles.All);

    public ValidateOptionsResult Validate(string? name, ClusterRoleOptions options)
    {
        string[] roles = SiloRoles.Split(options.Roles);
        return roles.Length > 0 && roles.All(Known.Contains)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{ClusterRoleOptions.Section}:Roles is \"{options.Roles}\"; must be one or more of {SiloRoles.All}.");
    }
}
