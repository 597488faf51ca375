using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Configuration;

/// <summary>The provider is known and has what it needs.</summary>
internal sealed class StorageRules : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        if (options.Provider is not (StorageOptions.Files or StorageOptions.Postgres))
        {
            return ValidateOptionsResult.Fail(
                $"{StorageOptions.Section}:Provider is \"{options.Provider}\"; must be {StorageOptions.Files} or {StorageOptions.Postgres}.");
        }

        if (options.Provider == StorageOptions.Postgres && string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            return ValidateOptionsResult.Fail(
                $"{StorageOptions.Section}:Provider is {StorageOptions.Postgres} but ConnectionStrings:{StorageOptions.ConnectionName} is empty; "
                + "must be such as Host=db;Username=chineseclip;Password=…;Database=chineseclip.");
        }

        return string.IsNullOrWhiteSpace(options.Directory)
            ? ValidateOptionsResult.Fail($"{StorageOptions.Section}:Directory is empty; must be a directory.")
            : ValidateOptionsResult.Success;
    }
}
